"""The leaning of a style: nats that are added to the logits of pitch class and duration.

They depend on what comes before: the last pitch class, or the last duration, and the place in the
bar. With the voice as its base this is a log-linear model (Berger et al. 1996) of a few hundred
numbers, which a style adds to a network that is the same for all.

Conventions: K candidates; tables float32 [SIZE]; a place is half a unit.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.vocabulary import PERIOD, SIZES, START, TWELFTHS

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
PLACES: Final = 32
"""Places of the longest bar."""
PLACE: Final = 6
"""Twelfths of a place."""
STEPS: Final = 16
"""Steps in a nat, as a table is stored."""
PITCHES, OCTAVES, DURATIONS = SIZES
ROWS: Final = (1, PITCHES + 1, PLACES, 1, DURATIONS + 1, PLACES)
"""Rows of each part of a table: always, after each pitch class, at each place; the same again for
durations."""
COLUMNS: Final = (PITCHES,) * 3 + (DURATIONS,) * 3
ENDS: Final = np.cumsum([0, *(r * c for r, c in zip(ROWS, COLUMNS, strict=True))])
SIZE: Final = int(ENDS[-1])
WIDTH: Final = sum(SIZES)
LENGTHS: Final = np.array([*TWELFTHS, 0])
"""Twelfths of each duration class, and of the start token."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """A table, and the twelfths [K] or [] of a bar."""

    table: Floats
    bar: Ints | int

    def at(self, token: Ints, position: Ints) -> Floats:
        """Return the nats [K, WIDTH] of the event after `token` [K, 3], which began at `position`.

        `position` [K] is in twelfths since the head of the tune.
        """
        begins = (position + LENGTHS[token[:, 2]]) % PERIOD
        begins = np.where(token[:, 2] == START[2], 0, begins)
        rows = rows_of(token, np.asarray(begins % self.bar, np.int64))
        parts = [
            part.reshape(count, -1)[row]
            for part, count, row in zip(np.split(self.table, ENDS[1:-1]), ROWS, rows, strict=True)
        ]
        nats = np.zeros((len(token), WIDTH), np.float32)
        nats[:, :PITCHES] = parts[0] + parts[1] + parts[2]
        nats[:, PITCHES + OCTAVES :] = parts[3] + parts[4] + parts[5]
        return nats


def rows_of(token: Ints, offset: Ints) -> tuple[Ints, ...]:
    """Return the row [K] of each part for events after `token` [K, 3], at `offset` [K] in a bar."""
    always = np.zeros(len(token), np.int64)
    place = np.minimum(offset // PLACE, PLACES - 1)
    return always, token[:, 0], place, always, token[:, 2], place


def packed(table: NDArray[np.floating]) -> str:
    """Return a table [SIZE] as text."""
    steps = np.clip(np.rint(table * STEPS), -127, 127).astype(np.int8)
    return base64.b64encode(steps.tobytes()).decode() if steps.any() else ""


def unpacked(text: str) -> Floats | None:
    """Return the table [SIZE] in a text: the inverse of `packed`; None for an empty one.

    Raises `ValueError` for a text of another length.
    """
    steps = np.frombuffer(base64.b64decode(text, validate=True), np.int8)
    if text and len(steps) != SIZE:
        raise ValueError(f"a leaning of {len(steps)} numbers, not {SIZE}")
    return np.asarray(steps / STEPS, np.float32) if text else None
