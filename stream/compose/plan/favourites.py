"""The favourite that a tune returns to: a latent point of a tune that a listener has liked."""

from __future__ import annotations

import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.plan.latent_text import unpacked
from stream.music.note import PhraseRequest
from stream.voices.spec import StyleSpec, VoiceSpec

NEAREST: Final = 8
"""Number of outlines of a style, the nearest to a favourite, of which one is drawn."""


@dataclass(frozen=True, slots=True)
class Found:
    """A favourite that this voice can return to."""

    title: str
    style: str
    latent: NDArray[np.float64]
    """Latent point [Z]."""


def of(spec: VoiceSpec, request: PhraseRequest, weights: Collection[str]) -> Found | None:
    """Return the favourite of a request; None without one, or if the voice has no such point.

    A favourite of another voice is left out, and so is one whose style is not among those that the
    controls ask for, the keys of `weights`.
    """
    if len(request.favourite) != 3:
        return None
    title, style, text = request.favourite
    asked = weights if request.controls.style else spec.styles
    try:
        latent = unpacked(text, spec.latent) if spec.latent and text else np.zeros((0, 0))
    except (ValueError, binascii.Error):
        return None
    if style not in spec.styles or style not in asked or len(latent) != 1:
        return None
    return Found(title, style, np.asarray(latent[0], np.float64))


def near(style: StyleSpec, favourite: Found, seed: Sequence[int]) -> int:
    """Return the index of an outline of a style whose latent point is near that of a favourite."""
    rng = np.random.default_rng(list(seed))
    if not style.points:
        return int(rng.integers(len(style.outlines)))
    points = np.asarray(unpacked(style.points, len(favourite.latent)), np.float64)
    distances = np.linalg.norm(points - favourite.latent, axis=1)  # [n]
    return int(rng.choice(np.argsort(distances, kind="stable")[:NEAREST]))
