"""What a melody is like from note to note: the features that tell styles apart.

Real and composed tunes are read alike, from their tokens. A feature is a share, a range or an
entropy over a stretch of `STRETCH` notes, averaged over the stretches of the tune, which begin
every half of a stretch; a shorter tune is one stretch. So neither the length of a tune nor its form
shows, and neither its metre nor its tempo: durations are multiples of the tune's unit, nothing is
counted by bars. Keys do not show either.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from export.filter.classifiers import filled
from stream.compose.filter.entropy import FEATURES, Ints, features
from stream.compose.melody.sampler import LENGTHS, decode_pitches
from stream.compose.melody.vocabulary import REST, TWELFTHS

STRETCH = 32
"""Notes."""
WIDEST = 12
"""Semitones; wider intervals count as these."""
ENTROPIES = [i for i, name in enumerate(FEATURES) if not name.endswith(("_32", "_64", "_128"))]
"""Those of windows that are shorter than a stretch, and of the whole."""
CHANGES = ("shorter", "as long", "longer")
NAMES = (
    *(f"entropy of {FEATURES[i]}" for i in ENTROPIES),
    *(f"interval {i:+d}" for i in range(-WIDEST, WIDEST + 1)),
    *(f"interval {i} modulo 12" for i in range(12)),
    *(f"duration {t}/12" for t in TWELFTHS),
    *(f"{a}, then {b}" for a, b in product(CHANGES, CHANGES)),
    "interval onwards",
    "interval back",
    *(f"pitch class {i + 1} of the most frequent" for i in range(12)),
    "range",
    "rests",
)
"""What the columns of `table` mean."""

Floats = NDArray[np.float64]


def table(tunes: Sequence[Ints]) -> Floats:
    """[n, F]: the features of each tune of tokens [events, 3]."""
    return np.array([_mean(stretches(np.asarray(tune, np.int64))) for tune in tunes])


def stretches(tokens: Ints) -> list[Ints]:
    """Stretches of notes [events, 3] with the rests between them."""
    notes = np.flatnonzero(tokens[:, 0] != REST)
    if len(notes) <= STRETCH:
        return [tokens]
    heads = np.arange(0, len(notes) - STRETCH + 1, STRETCH // 2)
    ends = np.append(notes, len(tokens))[heads + STRETCH]
    return [tokens[notes[i] : end] for i, end in zip(heads, ends, strict=True)]


def _mean(parts: Sequence[Ints]) -> Floats:
    notes = [p[p[:, 0] != REST] for p in parts]
    melodies = [(decode_pitches(n), LENGTHS[n[:, 2]]) for n in notes]
    entropy = filled(features(melodies))[:, ENTROPIES].mean(0)
    shares = [_shares(pitch, n[:, 2]) for (pitch, _), n in zip(melodies, notes, strict=True)]
    rests = np.mean([np.mean(p[:, 0] == REST) for p in parts])
    return np.concatenate([entropy, np.mean(shares, 0), [rests]])


def _shares(pitch: Ints, duration: Ints) -> Floats:
    interval, change = np.diff(pitch), np.sign(np.diff(duration)) + 1
    turns = np.sign(interval[1:]) * np.sign(interval[:-1])
    classes = np.sort(np.bincount(pitch % 12, minlength=12))[::-1]
    return np.concatenate(
        [
            _share(np.clip(interval, -WIDEST, WIDEST) + WIDEST, 2 * WIDEST + 1),
            _share(interval % 12, 12),
            _share(duration, len(TWELFTHS)),
            _share(3 * change[:-1] + change[1:], 9),
            [np.mean(turns > 0), np.mean(turns < 0)],
            classes / len(pitch),
            [np.ptp(pitch)],
        ]
    )


def _share(values: Ints, classes: int) -> Floats:
    return np.asarray(np.bincount(values, minlength=classes) / max(len(values), 1))
