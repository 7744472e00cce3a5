"""The description of an own style: everything but its place, counted in the tunes themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.filter.entropy import FEATURES, features
from stream.compose.learning.place import Place, outline_of
from stream.compose.melody.outline import PHRASE_BARS, line
from stream.compose.melody.returns import onsets
from stream.compose.melody.sampler import melody_of
from stream.compose.tunes.formulas import formulas
from stream.compose.tunes.tune import Melody
from stream.own_styles.own_style import OwnStyle
from stream.voices.spec import VoiceSpec
from stream.voices.style_spec import StyleSpec

MOST_OUTLINES: Final = 60
"""Outlines of tunes that a style keeps; its file stays small."""
TAILS: Final = (2.0, 98.0)
"""Percentiles of the phrases of the tunes that bound what passes."""
MANY: Final = 100
"""Phrases from which on the bounds are the tunes' own; fewer widen those of the nearest style."""


def described(
    spec: VoiceSpec, parent: str, place: Place, melodies: Sequence[Melody], leaning: str
) -> OwnStyle:
    """Return the own style of tunes that were found at a place, nearest to the style `parent`."""
    near = spec.styles[parent]
    kept = [melodies[i] for i in _evenly(len(melodies))]
    last = [outline_of(melody) for melody in melodies]
    return OwnStyle(
        mean=tuple(round(float(x), 4) for x in place.latent),
        spread=(0.0,) * spec.latent,
        meters=_shares(f"{each.bar}x{each.unit}" for each in last),
        modes=_shares(each.mode for each in last),
        bounds=bounds(melodies, near),
        forms=_shares(_letters(melody) for melody in melodies),
        returning=near.returning,
        formulas=formulas(melodies),
        last_note=near.last_note,
        outlines=tuple(line(outline_of(melody)) for melody in kept),
        longest_copy=near.longest_copy,
        ensemble=near.ensemble,
        tags={tag: round(weight, 3) for tag, weight in place.tags.items() if abs(weight) > 0.02},
        leaning=leaning,
    )


def bounds(melodies: Sequence[Melody], near: StyleSpec) -> dict[str, tuple[float, float]]:
    """Return the bounds of the features that the nearest style bounds."""
    rows = np.concatenate([*_phrases(melodies)] or [np.zeros((0, len(FEATURES)))])
    found = {}
    for name, (low, high) in near.bounds.items():
        least, most = low, high
        column = rows[:, FEATURES.index(name)]
        column = column[~np.isnan(column)]
        if len(column):
            ends = tuple(float(x) for x in np.percentile(column, TAILS))
            few = len(column) < MANY
            least, most = (min(low, ends[0]), max(high, ends[1])) if few else ends
        found[name] = round(least, 3), round(most, 3)
    return found


def _phrases(melodies: Sequence[Melody]) -> Iterator[np.ndarray]:
    """Yield the features [1, F] of each phrase of each tune."""
    for melody in melodies:
        places = onsets(melody.tokens)[:-1]
        phrase = places // (12 * melody.bar * PHRASE_BARS)
        for number in np.unique(phrase):
            past = melody_of(melody.tokens[phrase < number].astype(np.int64))
            new = melody_of(melody.tokens[phrase == number].astype(np.int64))
            if len(new[0]):
                yield features([new], past)


def _letters(melody: Melody) -> str:
    """Return the form of the tune, a letter for each phrase."""
    phrases = outline_of(melody).phrases()
    names: dict[int, str] = {}
    for bar in phrases:
        names.setdefault(bar, chr(ord("a") + len(names)))
    return "".join(names[bar] for bar in phrases)


def _shares(names: Iterable[str]) -> Mapping[str, float]:
    counts = Counter(names)
    total = sum(counts.values())
    return {name: round(n / total, 4) for name, n in counts.most_common(40)}


def _evenly(count: int) -> list[int]:
    step = max(count / MOST_OUTLINES, 1.0)
    return [int(i * step) for i in range(min(count, MOST_OUTLINES))]
