"""A tune's place: its style or blend of styles, latent point, metre and mode.

A tune is a run of phrases under one latent point. Everything is drawn from the stream's seed and
the tune's number alone, so that a composer that has just been restarted finds the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.errors import SettingsError
from stream.note import PhraseRequest
from stream.voice import StyleSpec, VoiceSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Where one tune is composed."""

    name: str
    """The style, or the blend as `bach:0.7,jazz:0.3`."""
    latent: NDArray[np.float32]
    """[Z]"""
    tags: NDArray[np.float32]
    """[S]"""
    bar: int
    """Units in a bar."""
    unit: int
    """Ticks in a unit."""
    bounds: Mapping[str, tuple[float, float]]
    """What the filter accepts."""


def place(spec: VoiceSpec, request: PhraseRequest) -> Place:
    """The place of the request's tune. Raises `SettingsError` for a style the voice lacks."""
    rng = np.random.default_rng([request.seed, request.tune, 1])
    weights = _weights(spec, request.controls.style, rng)
    styles = [(spec.styles[name], weight) for name, weight in weights.items()]
    mean = sum(w * np.array(s.mean) for s, w in styles)
    variance = sum(w * np.array(s.spread) ** 2 for s, w in styles)
    latent = mean + np.sqrt(variance) * rng.standard_normal(spec.latent)
    leading = spec.styles[max(weights, key=lambda name: weights[name])]
    bar, unit = map(int, _pick(leading.metres, rng).split("x"))
    tags = {f"style:{name}": weight for name, weight in weights.items()}
    tags |= {f"bar:{bar}": 1.0, f"mode:{_pick(leading.modes, rng)}": 1.0}
    return Place(
        name=name_of(weights),
        latent=np.asarray(latent, np.float32),
        tags=np.array([tags.get(tag, 0.0) for tag in spec.tags], np.float32),
        bar=bar,
        unit=unit,
        bounds=_blend_bounds(styles),
    )


def name_of(weights: Mapping[str, float]) -> str:
    """`folk` for a single style, else `bach:0.7,jazz:0.3`."""
    if len(weights) == 1:
        return next(iter(weights))
    return ",".join(f"{name}:{weight:g}" for name, weight in weights.items())


def _weights(
    spec: VoiceSpec, wished: tuple[tuple[str, float], ...], rng: np.random.Generator
) -> dict[str, float]:
    """Style weights that sum to 1; without a wish each tune draws one of the voice's styles."""
    if not wished:
        return {sorted(spec.styles)[int(rng.integers(len(spec.styles)))]: 1.0}
    unknown = [name for name, _ in wished if name not in spec.styles]
    if unknown:
        raise SettingsError(
            f"style {unknown[0]!r}: voice {spec.name} has {', '.join(sorted(spec.styles))}"
        )
    total = sum(weight for _, weight in wished)
    return {name: weight / total for name, weight in wished}


def _pick(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    names = list(shares)
    p = np.array([shares[n] for n in names])
    return names[int(rng.choice(len(names), p=p / p.sum()))]


def _blend_bounds(styles: list[tuple[StyleSpec, float]]) -> dict[str, tuple[float, float]]:
    """Bounds between those of the styles, in proportion."""
    return {
        feature: (
            sum(w * s.bounds[feature][0] for s, w in styles),
            sum(w * s.bounds[feature][1] for s, w in styles),
        )
        for feature in styles[0][0].bounds
    }
