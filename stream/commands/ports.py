"""`perpetuum ports`: MIDI outputs of this machine."""

from __future__ import annotations

import argparse
import json

from stream.play.sinks.ports import survey


def run(args: argparse.Namespace) -> int:
    """A line a port, as `--out port:NAME-PART` takes it, or JSON."""
    found = survey()
    if args.json:
        print(json.dumps({"ports": list(found.names), "reason": found.reason}))
        return 0
    for name in found.names:
        print(name)
    if not found.names:
        print(f"none: {found.reason}")
    return 0
