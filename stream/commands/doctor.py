"""`perpetuum doctor`: what is missing here, and the command that mends it."""

from __future__ import annotations

import argparse
import dataclasses
import json

from stream.console import say
from stream.doctor import diagnose


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
