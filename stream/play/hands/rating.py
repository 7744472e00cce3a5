"""What listeners think of a tune, kept with its notes: `perpetuum rate` does it, on its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RATINGS = "ratings.jsonl"
"""Beside the folder of the recordings."""
RATE_SECONDS = 60.0


def rate(recording: Path, stars: int, style: str) -> None:
    """Keep the stars of a recording; takes a second, so it is called by no thread that plays.

    A rating that can not be kept is left out: the recording is there to be rated again.
    """
    ratings = recording.parent.parent / RATINGS
    subprocess.run(  # noqa: S603 (our own command)
        [
            *(sys.executable, "-m", "stream", "rate", str(recording)),
            *("--stars", str(stars), "--style", style, "--ratings", str(ratings)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=RATE_SECONDS,
        check=False,
    )
