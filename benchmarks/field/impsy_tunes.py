"""Adapter for IMPSY (version 1.2.1), the predictive musician that also lives on a Raspberry Pi.

It is a package apart, with TensorFlow: its Python is called, with a model's file. Its first value
is the pitch, as in the configurations that it ships; a note lasts until the next.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.music.real.neutral import Neutral
from stream.errors import SettingsError

STREAM = Path(__file__).parent / "impsy_stream.py"
EVENTS = 110
"""Events of a tune: an excerpt has up to 64 notes."""
EIGHTH = 0.25
"""Seconds of an eighth at 120 quarter notes a minute."""
UNIT = 12
SIXTEENTH = UNIT // 2
BAR = 8 * UNIT
FIRST = -2_000_000
"""Group of the first tune; no real or composed tune has it."""
Tune = Sequence[tuple[float, float]]
"""Seconds since the event before, and the value from 0 to 1, of each event."""


def played(python: Path, model: Path, minutes: float, seed: int) -> list[Neutral]:
    """Return tunes of a model that last so many minutes together, at most.

    Raises `SettingsError` if IMPSY cannot be run.
    """
    wanted = max(int(minutes * 60 / EIGHTH / EVENTS), 1)
    command = [python, STREAM, model, f"{wanted}", f"{EVENTS}", f"{seed}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SettingsError(
            f"--impsy {python}: cannot play {model} ({error}); give the Python that has IMPSY"
        ) from error
    tunes: list[Tune] = json.loads(done.stdout.splitlines()[-1])
    read = (of_events(tune, FIRST - i) for i, tune in enumerate(tunes))
    return [tune for tune in read if tune is not None]


def of_events(tune: Tune, group: int) -> Neutral | None:
    """Return the notes on the nearest sixteenths, in bars of four quarters; None for no note.

    The grid is kind to IMPSY, whose events lie anywhere. Of notes on one sixteenth, the last
    counts.
    """
    onset = np.round(np.cumsum([gap for gap, _ in tune]) / EIGHTH * UNIT / SIXTEENTH) * SIXTEENTH
    pitch = np.floor(np.clip([value for _, value in tune], 0, 1) * 127 + 0.5)
    last = np.append(np.diff(onset) > 0, True)
    onset, pitch = onset[last].astype(np.int64), pitch[last].astype(np.int64)
    if len(onset) < 2:
        return None
    steps = np.diff(onset)
    duration = np.minimum(np.append(steps, steps[-1]), BAR)
    return Neutral(pitch, onset, duration, BAR, UNIT, group)
