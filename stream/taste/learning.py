"""The taste that rated tunes show: terms of features, their explanation, a hash of the ratings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stream.taste import words
from stream.taste.features import NOTES
from stream.taste.regression import Fit, Floats, fit, latest
from stream.taste.terms import LEAST_RATINGS, MOST_TERMS, Taste, Term

MOST_RATINGS: Final = 100
"""Number of the latest ratings that count."""
SURE: Final = 0.5
"""Least probability that the stars follow any feature."""
LEAST_EFFECT: Final = 0.02
"""Stars by which a feature has to move the tunes that were rated."""
IN_PLAN: Final = ("density", "register")
"""Features of the notes that the plan of a tune knows itself."""
AS_MEAN: Final = 2.0
"""Tunes of the mean that are added to those of a style."""
NAMED: Final = 2
"""Largest number of features that the sentence names."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A tune with stars."""

    name: str
    """Name of its file."""
    title: str
    stars: int
    style: str
    features: Mapping[str, float]


def learned(tunes: Sequence[Rated]) -> Taste:
    """Return the taste of the listener who gave these stars, the oldest first.

    The stars of the same tunes in the same order give the same taste.
    """
    tunes = tunes[-MOST_RATINGS:]
    count, ratings = len(tunes), hash_of(tunes)
    if count < LEAST_RATINGS:
        return Taste((), ratings, count, words.too_few(count, LEAST_RATINGS))
    names = sorted({name for tune in tunes for name in tune.features})
    values = np.array([[_value(tune, name) for name in names] for tune in tunes])  # [n, F]
    stars = np.array([tune.stars for tune in tunes], float)
    begin = latest(values, stars)
    found, recent = fit(values[begin:], stars[begin:]), tunes[begin:]
    effects = _effects(found, values[begin:])
    strong = effects.std(0) >= LEAST_EFFECT  # [F]
    if found.moved < SURE or not strong.any():
        return Taste((), ratings, count, words.undecided(count))
    terms = [
        (name, _short(found.slope[f]), _short(found.curve[f]), _short(found.center[f]))
        for f, name in enumerate(names)
        if strong[f]
    ]
    terms += _in_styles(terms, recent)
    return Taste(
        tuple(terms[:MOST_TERMS]), ratings, count, _sentence(names, effects, found, recent)
    )


def hash_of(tunes: Sequence[Rated]) -> str:
    """Return the hash of ratings: 16 hexadecimal digits; empty without any."""
    rows = [[t.name, t.stars, {n: _short(v) for n, v in t.features.items()}] for t in tunes]
    text = json.dumps(rows, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16] if rows else ""


def _value(tune: Rated, name: str) -> float:
    """Return a feature of a tune; a style that it has not is 0, other unknown values are NaN."""
    return tune.features.get(name, 0.0 if name.startswith(words.STYLE) else np.nan)


def _effects(found: Fit, values: Floats) -> Floats:
    """Return the stars [n, F] that each feature adds to each tune."""
    offset = np.nan_to_num(values - found.center)
    return np.asarray(offset * found.slope + offset**2 * found.curve)


def _in_styles(terms: Sequence[Term], tunes: Sequence[Rated]) -> list[Term]:
    """Return a term for each style: what the notes of its rated tunes are worth on average.

    A tune's notes are unknown when it is planned, but its style is known.
    """
    found = []
    of_notes = [term for term in terms if term[0] in NOTES and term[0] not in IN_PLAN]
    for style in sorted({tune.style for tune in tunes}):
        own = [tune.features for tune in tunes if tune.style == style]
        stars = 0.0
        for name, slope, curve, center in of_notes:
            offsets = [features[name] - center for features in own if name in features]
            mean = sum(offsets) / (len(offsets) + AS_MEAN)
            stars += slope * mean + curve * mean**2
        if abs(stars) >= LEAST_EFFECT:
            found.append((f"in:{style}", _short(stars), 0.0, 0.0))
    return found


def _sentence(names: Sequence[str], effects: Floats, found: Fit, tunes: Sequence[Rated]) -> str:
    """Return the sentence: the strongest features, and the tune that shows them best."""
    sizes = effects.std(0)
    order = np.argsort(-sizes, kind="stable")[:NAMED]
    chosen = [int(f) for f in order if sizes[f] >= max(sizes[order[0]] / 2, LEAST_EFFECT)]
    phrases = [words.phrase(names[f], _direction(found, f, names[f], tunes)) for f in chosen]
    stars = np.array([tune.stars for tune in tunes], float)
    total = effects[:, chosen].sum(1)
    agreeing = (total - total.mean()) * (stars - stars.mean())
    best = tunes[int(agreeing.argmax())]
    return words.explained(phrases, best.stars, best.title)


def _direction(found: Fit, f: int, name: str, tunes: Sequence[Rated]) -> int:
    """Return 1 if more of a feature is liked, -1 for less, 0 for a middle value."""
    offsets = np.array([_value(tune, name) for tune in tunes]) - found.center[f]
    spread = float(np.nanstd(offsets))
    middle = found.curve[f] < 0 and abs(found.curve[f]) * spread > abs(found.slope[f])
    return 0 if middle else 1 if found.slope[f] > 0 else -1


def _short(value: float) -> float:
    """Return a number with five significant digits."""
    return float(f"{value:.5g}")
