"""Styles as they are written: `folk`, a blend `bach:0.7,jazz:0.3`, a walk `folk/jazz`."""

from __future__ import annotations

from collections.abc import Collection

from stream.config.bounds import parsed
from stream.errors import SettingsError
from stream.music.note import Blend
from stream.util.suggestion import did_you_mean, meant

HEAVIEST = 1e9
"""Weight of a style in a blend."""


def parse_style(text: str) -> tuple[Blend, ...]:
    """Places in the voice, from `folk`, `bach:0.7,jazz:0.3`, or a walk such as `folk/jazz`.

    Raises `SettingsError` for a malformed one.
    """
    return tuple(_blend(place) for place in text.split("/")) if text else ()


def known_style(
    style: tuple[Blend, ...], known: Collection[str], unknown: str
) -> tuple[Blend, ...]:
    """The places with the names of styles as a voice has them, whatever the case of their letters.

    Raises `SettingsError` for a style that is not `known`; `unknown` is the message's beginning,
    with `{name}` for the style.
    """
    names = {name: meant(name, known) for blend in style for name, _ in blend}
    strange = sorted(name for name, found in names.items() if found not in known)
    if strange:
        begin = unknown.format(name=strange[0][:40])
        hint = did_you_mean(strange[0], known)
        raise SettingsError(f"{begin} {', '.join(sorted(known))}{hint}")
    if all(name == found for name, found in names.items()):
        return style
    return parse_style(
        "/".join(",".join(f"{names[name]}:{weight!r}" for name, weight in blend) for blend in style)
    )


def written(style: tuple[Blend, ...]) -> str:
    """Inverse of `parse_style`."""
    return "/".join(_written(blend) for blend in style)


def _written(blend: Blend) -> str:
    if len(blend) == 1:
        return blend[0][0]
    return ",".join(f"{name}:{weight!r}" for name, weight in blend)


def _blend(text: str) -> Blend:
    """Names and weights that sum to 1, from `folk` or `bach:0.7,jazz:0.3`."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().partition(":")
        value = parsed(weight) if colon else 1
        if not name or isinstance(value, str) or not 0 < value <= HEAVIEST:
            raise SettingsError(
                f"--style {text}: {part!r} is no style with a weight; write bach:0.7,jazz:0.3"
            )
        weights[name] = weights.get(name, 0.0) + value
    total = sum(weights.values())
    return tuple((name, weight / total) for name, weight in weights.items())
