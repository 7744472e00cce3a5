"""`perpetuum voices`: list the shipped voices."""

from __future__ import annotations

import argparse
import json
from typing import Any

from stream.util.console import say
from stream.voices.spec import read_spec, shipped_voices


def run(args: argparse.Namespace) -> int:
    """Print one line for each voice and its credits, or JSON with all facts."""
    facts: list[dict[str, Any]] = []
    for path in shipped_voices():
        spec = read_spec(path)
        facts.append(
            {
                "name": spec.name,
                "kind": spec.kind,
                "styles": sorted(spec.styles),
                "bytes": path.stat().st_size,
                "quality": dict(spec.quality),
                "credits": list(spec.credits),
                "rate": spec.audio.rate if spec.audio else None,
            }
        )
    if args.json:
        say(json.dumps(facts))
        return 0
    for voice in facts:
        sound = f" of {voice['rate']} Hz" if voice["rate"] else ""
        say(f"{voice['name']}: {voice['kind']}{sound}, styles {', '.join(voice['styles'])}")
        for line in voice["credits"]:
            say(f"  {line}")
    return 0
