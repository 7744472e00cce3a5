"""The style, or blend of styles, of a phrase: one place, or a walk between several.

A walk moves a little from phrase to phrase, on a straight line from place to place. The tune's
latent point and tags move with it; its meter and form stay, so that no jump is heard.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stream.errors import SettingsError
from stream.music.note import Blend, PhraseRequest
from stream.voices.spec import VoiceSpec

Weights = Mapping[str, float]


def weights(spec: VoiceSpec, request: PhraseRequest, rng: np.random.Generator) -> Weights:
    """Return the weight of each style in this phrase; they sum to 1.

    If no style is requested, the tune draws one of the voice's styles. Raises `SettingsError` for a
    style that the voice lacks.
    """
    return _at(spec, request, request.controls.style, request.index, rng)


def opening_weights(spec: VoiceSpec, request: PhraseRequest, rng: np.random.Generator) -> Weights:
    """Return the weights of the styles in the phrase that opened the tune, as `weights` does."""
    return _at(spec, request, request.opened_style, request.opened, rng)


def _at(
    spec: VoiceSpec,
    request: PhraseRequest,
    places: tuple[Blend, ...],
    index: int,
    rng: np.random.Generator,
) -> Weights:
    drawn = sorted(spec.styles)[int(rng.integers(len(spec.styles)))]
    if not places:
        return {drawn: 1.0}
    for blend in places:
        _check(spec, blend)
    leg, steps = divmod(index, request.controls.walk)
    way = steps / request.controls.walk if len(places) > 1 else 0.0
    here, there = places[leg % len(places)], places[(leg + 1) % len(places)]
    found: dict[str, float] = {}
    for blend, share in ((here, 1 - way), (there, way)):
        for name, weight in blend:
            if share * weight > 0:
                found[name] = found.get(name, 0.0) + share * weight
    if not found:
        raise SettingsError("style: all weights are 0; give at least one above 0")
    return found


def _check(spec: VoiceSpec, blend: Blend) -> None:
    for name, _ in blend:
        if name not in spec.styles:
            raise SettingsError(
                f"style {name!r}: unknown; voice {spec.name} has {', '.join(sorted(spec.styles))}"
            )


def name_of(found: Weights) -> str:
    """Return `folk` for a single style, else `bach:0.7,jazz:0.3`."""
    if len(found) == 1:
        return next(iter(found))
    return ",".join(f"{name}:{weight:.3g}" for name, weight in found.items())
