"""Whether the filter lets a whole tune pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.comparison.tunes import notes, pitches
from export.freeplay import Tokens
from stream.compose.entropy import FEATURES, entropies
from stream.compose.vocabulary import TWELFTHS
from stream.voice import find_voice, read_spec

STRETCH = 24
"""Notes, about a phrase of four bars: what the bounds were measured on."""

Bounds = Mapping[str, tuple[float, float]]


def voice_bounds(voice: str) -> dict[str, Bounds]:
    """The filter of a voice, by style."""
    return {name: style.bounds for name, style in read_spec(find_voice(voice)).styles.items()}


def passes(tune: Tokens, bounds: Bounds) -> bool:
    """Every entropy, averaged over the stretches of the tune, lies within its bounds."""
    pitch, length = pitches(tune), np.array(TWELFTHS)[notes(tune)[:, 2]]
    if len(pitch) < STRETCH:
        cuts = [slice(None)]
    else:
        cuts = [slice(i, i + STRETCH) for i in range(0, len(pitch) - STRETCH + 1, STRETCH)]
    bits = entropies([pitch[c] for c in cuts], [length[c] for c in cuts]).mean(0)
    features = dict(zip(FEATURES, bits.tolist(), strict=True))
    return all(low <= features[name] <= high for name, (low, high) in bounds.items())
