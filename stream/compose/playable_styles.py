"""The styles that a composer can play: those of its voice, and the listener's own ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from stream.compose.strategy import Strategy
from stream.errors import VoiceError
from stream.own_styles.library import with_own_styles
from stream.own_styles.own_style import OwnStyle
from stream.voices.spec import VoiceSpec


def checked(path: Path, spec: VoiceSpec, strategy: Strategy[Any]) -> VoiceSpec:
    """Return the spec of a voice with the own styles that can be played with it.

    Raises `VoiceError` for a style of the voice that cannot be played; an own style, which any
    program may have written, is left out.
    """
    if not spec.styles:
        raise VoiceError(f"voice {path}: has no styles; export it again")
    for name, style in spec.styles.items():
        if fault := strategy.style_fault(style):
            raise VoiceError(f"voice {path}: style {name} {fault}")
    found = with_own_styles(spec, path)
    styles = {
        name: style
        for name, style in found.styles.items()
        if not isinstance(style, OwnStyle) or not strategy.style_fault(style)
    }
    return dataclasses.replace(found, styles=styles)
