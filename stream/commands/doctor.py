"""`perpetuum doctor`: list what is missing on this machine, and the command that adds it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from importlib.util import find_spec

from stream.doctor.finding import Finding
from stream.util.console import say
from stream.util.installation import install_library

LIBRARIES = ("numpy", "onnxruntime", "mido")
"""Libraries that the other checks and all music need."""


def diagnose() -> tuple[Finding, ...]:
    """Return all findings, or only the missing libraries that the other checks need."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        return tuple(
            Finding(name, ok=False, detail="not installed", remedy=install_library(name))
            for name in missing
        )
    from stream.doctor import checks

    return checks.diagnose()


def run(args: argparse.Namespace) -> int:
    """Print one line for each finding with its remedy below, or JSON."""
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
