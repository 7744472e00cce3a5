"""`perpetuum ports`: list the MIDI outputs and inputs of this machine."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from stream.errors import StreamError
from stream.midi.survey import survey
from stream.midi_in.port_source import port_list
from stream.util.console import say


def run(args: argparse.Namespace) -> int:
    """Print the ports below the flag that accepts a part of their names, or JSON."""
    found = survey()
    inputs, reason = _inputs(found.reason or "no MIDI input is connected")
    if args.json:
        facts = {"ports": list(found.names), "reason": found.reason, "inputs": inputs}
        say(json.dumps({**facts, "inputs_reason": reason}))
        return 0
    say(*_listed("outputs, for --out port:NAME", found.names, found.reason))
    say(*_listed("inputs, for --input NAME", inputs, reason))
    return 0


def _inputs(reason: str) -> tuple[list[str], str]:
    """Return the inputs, and why there are none: `reason`, or the error of listing them."""
    try:
        names = port_list()
    except StreamError as error:
        return [], str(error)
    return names, "" if names else reason


def _listed(title: str, names: Sequence[str], reason: str) -> Iterator[str]:
    yield f"{title}:"
    for name in names:
        yield f"  {name}"
    if not names:
        yield f"  none: {reason}"
