"""Rated tunes of a listener who likes some of them."""

import numpy as np

from stream.taste.learning import Rated

NAMES = ("leaps", "density", "tempo", "register")


def rated(count, seed=0, liked=None, names=NAMES):
    """Tunes with features at random; a tune has 5 stars if `liked` says so of its values, else 2.

    Without `liked` the stars are random.
    """
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, len(names)))
    stars = rng.integers(1, 6, count) if liked is None else [5 if liked(v) else 2 for v in values]
    return [
        Rated(
            f"{n:04}-x.mid",
            f"tune {n}",
            int(s),
            "folk",
            dict(zip(names, map(float, v), strict=True)),
        )
        for n, (v, s) in enumerate(zip(values, stars, strict=True), 1)
    ]
