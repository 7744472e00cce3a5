"""`perpetuum ports`: MIDI outputs of this machine."""

from __future__ import annotations

import argparse
import json

from stream.console import say
from stream.play.sinks.ports import survey


def run(args: argparse.Namespace) -> int:
    """A line a port, as `--out port:NAME-PART` takes it, or JSON."""
    found = survey()
    if args.json:
        say(json.dumps({"ports": list(found.names), "reason": found.reason}))
        return 0
    say(*found.names)
    if not found.names:
        say(f"none: {found.reason}")
    return 0
