"""The style, or blend of styles, of a phrase: one blend, or a walk between several.

A walk moves a little from phrase to phrase, on a straight line from blend to blend. The tune's
latent point and tags move with it; its meter and form stay, so that no jump is heard.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stream.errors import SettingsError
from stream.music.note import Blend, PhraseRequest
from stream.own_styles.own_style import OwnStyle
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
    blends: tuple[Blend, ...],
    index: int,
    rng: np.random.Generator,
) -> Weights:
    # Own styles play when they are asked for, so that the same seed goes on as without them.
    names = sorted(name for name, each in spec.styles.items() if not isinstance(each, OwnStyle))
    drawn = names[int(rng.integers(len(names)))]
    if not blends:
        return {drawn: 1.0}
    for blend in blends:
        _check(spec, blend)
    leg, steps = divmod(index, request.controls.walk)
    progress = steps / request.controls.walk if len(blends) > 1 else 0.0
    current, following = blends[leg % len(blends)], blends[(leg + 1) % len(blends)]
    weights_by_style: dict[str, float] = {}
    for blend, share in ((current, 1 - progress), (following, progress)):
        for name, weight in blend:
            if share * weight > 0:
                weights_by_style[name] = weights_by_style.get(name, 0.0) + share * weight
    if not weights_by_style:
        raise SettingsError("style: all weights are 0; give at least one above 0")
    return weights_by_style


def _check(spec: VoiceSpec, blend: Blend) -> None:
    for name, _ in blend:
        if name not in spec.styles:
            raise SettingsError(
                f"style {name!r}: unknown; voice {spec.name} has {', '.join(sorted(spec.styles))};"
                " add a style of your own with 'perpetuum style add FILE'"
            )


def name_of(found: Weights) -> str:
    """Return `folk` for a single style, else `bach:0.7,jazz:0.3`."""
    if len(found) == 1:
        return next(iter(found))
    return ",".join(f"{name}:{weight:.3g}" for name, weight in found.items())
