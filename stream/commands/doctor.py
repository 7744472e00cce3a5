"""`perpetuum doctor`: what is missing here, and the command that mends it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from importlib.util import find_spec

from stream.doctor.finding import Finding
from stream.util.console import say
from stream.util.installation import with_library

LIBRARIES = ("numpy", "onnxruntime", "mido")
"""Without these there is no music, and little that could be looked at."""


def diagnose() -> tuple[Finding, ...]:
    """Every finding; where the libraries are missing, that alone: all else needs them."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        return tuple(
            Finding(name, ok=False, detail="not installed", remedy=with_library(name))
            for name in missing
        )
    from stream.doctor import checks

    return checks.diagnose()


def run(args: argparse.Namespace) -> int:
    """A line a finding, with its remedy below, or JSON."""
    findings = diagnose()
    if args.json:
        say(json.dumps([dataclasses.asdict(finding) for finding in findings]))
        return 0
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        say(f"{'ok' if finding.ok else '--'}  {finding.name:{width}}  {finding.detail}")
        if finding.remedy:
            say(f"    {'':{width}}  {finding.remedy}")
    return 0
