"""`perpetuum doctor`: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence

from stream.doctor import Finding, diagnose


def run(args: argparse.Namespace) -> int:
    """A table of findings, or JSON. What is missing is no failure: music may need none of it."""
    findings = diagnose()
    if args.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings]))
    else:
        print(table(findings))
    return 0


def table(findings: Sequence[Finding]) -> str:
    """A line a finding, and under each that is not well the remedy."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = []
    for finding in findings:
        mark = "ok" if finding.ok else "--"
        lines.append(f"{mark}  {finding.name:<{width}}  {finding.detail}")
        if finding.remedy:
            lines.append(f"    {'':<{width}}  -> {finding.remedy}")
    return "\n".join(lines)
