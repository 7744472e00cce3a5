"""The bits that a voice of several parts needs for given music; nothing is sampled.

The music is arranged for the voice from the first note on, in the units of each style, and scored
causally in its own key.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stream.compose.forcing import bits
from stream.compose.polyphony.kinds import frame_kind
from stream.compose.step import Point, Step
from stream.errors import CorpusError, SettingsError
from stream.music.note import Note
from stream.voices.spec import StyleSpec

MOST_NOISE = 88
"""Most random numbers a frame; a voice that takes more draws hidden units, and the probability of
its frames has no closed form."""


def score(step: Step, notes: Sequence[Note]) -> dict[str, float]:
    """Return bits per frame by style.

    Raises `CorpusError` without a note, `SettingsError` for a voice without a likelihood.
    """
    if step.spec.noise > MOST_NOISE:
        raise SettingsError(
            f"--voice {step.spec.name}: it draws hidden units, so the likelihood of music is "
            "not available; give another voice"
        )
    if not notes:
        raise CorpusError("score: no notes found; give files with notes")
    first = min(note.onset for note in notes)
    moved = [note.moved(-first) for note in notes]
    return {name: _bits(step, name, style, moved) for name, style in step.spec.styles.items()}


def _bits(step: Step, name: str, style: StyleSpec, notes: Sequence[Note]) -> float:
    unit = int(max(style.meters, key=lambda meter: style.meters[meter]).partition("x")[2])
    kind = frame_kind(step.spec).for_unit(unit)
    end = max(note.end for note in notes)
    frames = kind.arrange(notes, -(-end // kind.ticks))
    names = {f"set:{name}", f"style:{name}"}
    tags = np.array([[float(tag in names) for tag in step.spec.tags]], np.float32)
    point = Point(np.zeros((1, step.spec.latent), np.float32), tags)
    return float(bits(step, frames, point)[0])
