"""The features of a melody that distinguish styles.

Real and composed tunes are read from their tokens in the same way. A feature is a share, a range or
an entropy over a stretch of `STRETCH` notes, averaged over the stretches of the tune, which begin
every half stretch; a shorter tune is one stretch. So features do not depend on a tune's length or
form. They do not depend on meter or tempo either, as durations are multiples of the tune's unit and
nothing is counted by bars, nor on the key.
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
"""Number of notes in a stretch."""
WIDEST = 12
"""Widest interval in semitones; wider ones count as this."""
ENTROPIES = [i for i, name in enumerate(FEATURES) if not name.endswith(("_32", "_64", "_128"))]
"""Entropies of windows shorter than a stretch, and of the whole."""
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
"""Names of the columns of `table`."""

Floats = NDArray[np.float64]


def table(tunes: Sequence[Ints]) -> Floats:
    """Return the features [n, F] of tunes of tokens [events, 3]."""
    return np.array([_mean(stretches(np.asarray(tune, np.int64))) for tune in tunes])


def stretches(tokens: Ints) -> list[Ints]:
    """Return stretches of notes with the rests between them, [events, 3]."""
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
