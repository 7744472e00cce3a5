"""`perpetuum silence`: end the notes that a killed player left sounding."""

from __future__ import annotations

import argparse

from stream.play.sinks.active_notes import runtime_folder
from stream.play.sinks.release_stuck import NOT_SILENCED, release_stuck_notes, silence
from stream.play.sinks.spec import sink_of
from stream.util.console import say


def run(args: argparse.Namespace) -> int:
    """End notes left sounding, and all notes of the given outputs; return 1 if some remain."""
    lines = release_stuck_notes(runtime_folder(), ())
    say(*lines)
    for output in args.out or ():
        say(silence(sink_of(output)))
    return int(any(line.startswith(NOT_SILENCED) for line in lines))
