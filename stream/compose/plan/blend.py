"""A blend of styles: tags, latent points, bounds and leaning between those of its styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody import leaning as own_leaning
from stream.compose.plan.latent_text import unpacked
from stream.own_styles.own_style import OwnStyle
from stream.voices.spec import StyleSpec, VoiceSpec

Styles = Sequence[tuple[StyleSpec, float]]
"""Styles with their weights."""


def tags(weights: Mapping[str, float], styles: Styles) -> dict[str, float]:
    """Return the tags that the styles set, by weight."""
    found = {f"style:{name}": weight for name, weight in weights.items()}
    found |= {f"set:{name}": weight for name, weight in weights.items()}
    for own, weight in styles:
        if isinstance(own, OwnStyle):
            for tag, share in own.tags.items():
                found[tag] = found.get(tag, 0.0) + weight * share
    return found


def leaning(styles: Styles) -> NDArray[np.float32] | None:
    """Return the table of a blend (`stream.compose.melody.leaning`); None if no style leans."""
    tables = [
        (weight, table)
        for own, weight in styles
        if isinstance(own, OwnStyle) and (table := own_leaning.unpacked(own.leaning)) is not None
    ]
    found = sum(weight * table for weight, table in tables)
    return np.asarray(found, np.float32) if tables else None


def points(spec: VoiceSpec, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return a latent point [Z] of each style, drawn with the same random numbers for all.

    Without stored points they are drawn from the style's Gaussian, which has no correlations
    between dimensions. Points of real tunes have them; music from these stays better in its key.
    """
    offset, share = rng.standard_normal(spec.latent), rng.random()
    return {
        name: _chosen(unpacked(s.points, spec.latent), share)
        if s.points
        else np.array(s.mean) + np.array(s.spread) * offset
        for name, s in spec.styles.items()
    }


def _chosen(points: NDArray[np.float16], share: float) -> NDArray[np.float64]:
    return np.asarray(points[int(share * len(points))], np.float64)


def bounds(styles: Styles) -> dict[str, tuple[float, float]]:
    """Return bounds between those of the styles, by weight, of the features that all bound."""
    return {
        feature: (
            sum(w * s.bounds[feature][0] for s, w in styles),
            sum(w * s.bounds[feature][1] for s, w in styles),
        )
        for feature in styles[0][0].bounds
        if all(feature in s.bounds for s, _ in styles)
    }
