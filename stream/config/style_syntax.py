"""Syntax of styles: one style `folk`, a blend `bach:0.7,jazz:0.3`, a walk `folk/jazz`."""

from __future__ import annotations

from collections.abc import Collection

from stream.config.bounds import parsed
from stream.errors import SettingsError
from stream.music.note import Blend
from stream.util.suggestion import did_you_mean, meant

HEAVIEST = 1e9
"""Largest weight of a style in a blend."""


def parse_style(text: str) -> tuple[Blend, ...]:
    """Parse a style: one blend for `folk` or `bach:0.7,jazz:0.3`, several for a walk `folk/jazz`.

    Raises `SettingsError` for a malformed style.
    """
    return tuple(_blend(blend) for blend in text.split("/")) if text else ()


def known_style(
    style: tuple[Blend, ...], known: Collection[str], unknown: str
) -> tuple[Blend, ...]:
    """Return the blends with the names of styles spelled as in `known`, whatever their case.

    Raises `SettingsError` for a style that is not `known`; `unknown` opens the message, with
    `{name}` for the style.
    """
    names = {name: meant(name, known) for blend in style for name, _ in blend}
    missing = sorted(name for name, found in names.items() if found not in known)
    if missing:
        begin = unknown.format(name=missing[0][:40])
        hint = did_you_mean(missing[0], known)
        raise SettingsError(f"{begin} {', '.join(sorted(known))}{hint}")
    if all(name == found for name, found in names.items()):
        return style
    return parse_style(
        "/".join(",".join(f"{names[name]}:{weight!r}" for name, weight in blend) for blend in style)
    )


def written(style: tuple[Blend, ...]) -> str:
    """Return the text of a style, the inverse of `parse_style`."""
    return "/".join(_written(blend) for blend in style)


def _written(blend: Blend) -> str:
    if len(blend) == 1:
        return blend[0][0]
    return ",".join(f"{name}:{weight!r}" for name, weight in blend)


def _blend(text: str) -> Blend:
    """Parse one blend, such as `folk` or `bach:0.7,jazz:0.3`; its weights sum to 1."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().partition(":")
        value = parsed(weight) if colon else 1
        if not name or isinstance(value, str) or not 0 < value <= HEAVIEST:
            raise SettingsError(
                f"--style {text}: {part!r} is not a style with a weight; write styles such as"
                " bach:0.7,jazz:0.3"
            )
        weights[name] = weights.get(name, 0.0) + value
    total = sum(weights.values())
    return tuple((name, weight / total) for name, weight in weights.items())
