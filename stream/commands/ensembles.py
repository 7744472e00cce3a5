"""`perpetuum ensembles`: list the ensembles that the program knows."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from stream.ensembles.ensemble import load, names
from stream.util.console import say

if TYPE_CHECKING:
    from stream.ensembles.ensemble import Ensemble


def run(args: argparse.Namespace) -> int:
    """Print one line for each ensemble with the name for `--ensemble`, or JSON with all facts."""
    ensembles = [load(name) for name in names()]
    if args.json:
        say(json.dumps([_facts(ensemble) for ensemble in ensembles]))
        return 0
    width = max(len(ensemble.name) for ensemble in ensembles)
    for ensemble in ensembles:
        parts = ", ".join(f"{role} {part.channel}" for role, part in ensemble.parts.items())
        say(f"{ensemble.name:{width}}  {ensemble.title} (channels: {parts})")
    return 0


def _facts(ensemble: Ensemble) -> dict[str, Any]:
    parts = [asdict(part) for part in ensemble.parts.values()]
    return {"ensemble": ensemble.name, "title": ensemble.title, "parts": parts}
