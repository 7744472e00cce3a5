"""Take the averaged weights of a run: `python -m export.training.averaged LAST.npz OUT.npz`.

A run keeps the epoch of the best validation figure as `best.npz`. Its whole plan may give better
music than that epoch; `last.npz` holds the averaged weights (Polyak & Juditsky 1992) at its end.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from export import command_line
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from stream.errors import SettingsError


def averaged(last: Checkpoint) -> Checkpoint:
    """Return the checkpoint of the averaged weights. Raises `SettingsError` if there are none."""
    if not last.average:
        raise SettingsError(
            "the run has no averaged weights; give its last.npz, of a training with --average"
        )
    return dataclasses.replace(last, weights=last.average, optimizer={}, average={})


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m export.training.averaged")
    parser.add_argument("last", type=Path, metavar="LAST.npz")
    parser.add_argument("out", type=Path, metavar="OUT.npz")
    args = parser.parse_args(argv)
    return command_line.run(lambda: checkpoint.save(args.out, averaged(checkpoint.load(args.last))))


if __name__ == "__main__":
    sys.exit(main())
