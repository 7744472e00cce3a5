"""`perpetuum silence`: end the notes that a killed player left sounding."""

from __future__ import annotations

import argparse

from stream.play.silencer import silence, take_over
from stream.play.sinks.spec import sink_of
from stream.play.sounding import runtime_folder


def run(args: argparse.Namespace) -> int:
    """Silence what was left, and all channels of the outputs that are named."""
    for line in take_over(runtime_folder(), ()):
        print(line)
    for output in args.out or ():
        print(silence(sink_of(output)))
    return 0
