"""What the listener wishes: flags over a TOML file over defaults. An unknown key is an error."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stream.checked import shown
from stream.errors import SettingsError
from stream.note import Blend, Controls

RANGES = {
    "seed": (0, 2**63 - 1),
    "bpm": (20, 300),
    "temperature": (0.1, 3),
    "top_p": (0.05, 1),
    "minutes": (0, 525_600 * 100),
    "candidates": (1, 256),
    "walk": (1, 1_000_000),
}
"""Lowest and highest value of each number, both allowed."""
DEFAULT_VOICE = "commons"
CHOICES = {"absent": ("refuse", "await")}
"""The words that a setting allows."""
HEAVIEST = 1e9
"""Weight of a style in a blend."""
MOST_BYTES = 1_000_000
"""In a settings file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `play` and `render` can be told; each field is a flag and a key of the file."""

    voice: str = DEFAULT_VOICE
    """A shipped voice by name, or the path of a voice file."""
    out: tuple[str, ...] = ()
    """Outputs; none: the best there is."""
    absent: str = "refuse"
    """An output that is not there at the start is an error (`refuse`), or awaited (`await`)."""
    seed: int | None = None
    """Seed of the stream; none: a new one each time."""
    bpm: float = 120.0
    """Quarter notes a minute."""
    style: str = ""
    """`folk`, a blend such as `bach:0.7,jazz:0.3`, or several to walk between, `folk/jazz`; empty:
    each tune draws a style."""
    walk: int = 32
    """Phrases from one style to the next of a walk."""
    temperature: float = 1.0
    """Below 1 calmer, above 1 wilder."""
    top_p: float = 0.95
    """Share of the probability from which notes are drawn; the unlikely rest is left out."""
    candidates: int = 16
    """Melodies composed for each phrase that is played."""
    minutes: float | None = None
    """End at the first phrase end after so many minutes; none: never."""
    stats: str = ""
    """File for the counters, as JSON."""

    @property
    def controls(self) -> Controls:
        """The part that travels to the composer. Raises `SettingsError` for a malformed style."""
        return Controls(
            bpm=self.bpm,
            style=parse_style(self.style),
            walk=self.walk,
            temperature=self.temperature,
            top_p=self.top_p,
            candidates=self.candidates,
        )


def load(config: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings from a TOML file, if any, and the flags that were given (not None).

    Raises `SettingsError` for an unreadable file, an unknown key, a wrong type or range.
    """
    settings = Settings()
    if config is not None:
        for key, value in _read(config).items():
            settings = _with(settings, key, value, f"{config}: {key}")
    for key, value in flags.items():
        if value is not None:
            settings = _with(settings, key, value, f"--{key.replace('_', '-')}")
    parse_style(settings.style)
    return settings


def _read(config: Path) -> dict[str, Any]:
    try:
        with config.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"--config {config}: can not be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise SettingsError(f"--config {config}: over {MOST_BYTES} bytes; it is no settings file")
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise SettingsError(f"--config {config}: no valid TOML: lists without end") from error
    except ValueError as error:
        # Malformed TOML, bytes that are no text, numbers of thousands of digits.
        raise SettingsError(f"--config {config}: no valid TOML: {error}") from error


def _with(settings: Settings, key: str, value: Any, origin: str) -> Settings:
    """The settings with one value replaced; `origin` names it in the error message."""
    known = [f.name for f in dataclasses.fields(Settings)]
    if key not in known:
        raise SettingsError(f"{origin}: unknown key; known are {', '.join(known)}")
    return dataclasses.replace(settings, **{key: _checked(key, value, origin)})


def _checked(key: str, value: Any, origin: str) -> Any:
    if key == "out":
        outputs = [value] if isinstance(value, str) else value
        if not isinstance(outputs, list | tuple) or not all(isinstance(o, str) for o in outputs):
            raise SettingsError(f"{origin}: {shown(value)} is no list of outputs, as ['null']")
        return tuple(_text(output, origin) for output in outputs)
    if key in RANGES:
        return _number(key, value, origin)
    word = _text(value, origin)
    if key in CHOICES and word not in CHOICES[key]:
        raise SettingsError(f"{origin}: {shown(word)} is none of {', '.join(CHOICES[key])}")
    return word


def _text(value: Any, origin: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{origin}: {shown(value)} is no text; write it in quotes")
    if "\0" in value:
        raise SettingsError(f"{origin}: {shown(value)} holds a NUL, which no name does")
    return value


def _number(key: str, value: Any, origin: str) -> int | float:
    low, high = RANGES[key]
    whole = key in {"seed", "candidates", "walk"}
    kind = "whole number" if whole else "number"
    wanted = f"a {kind} from {low:g} to {high:g}"
    if isinstance(value, str):
        value = _parsed(value)
    fits = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if isinstance(value, bool) or not fits or (whole and isinstance(value, float)):
        raise SettingsError(f"{origin}: {shown(value)} is not {wanted}")
    if not low <= value <= high:
        raise SettingsError(f"{origin}: {shown(value)} is out of range; give {wanted}")
    return int(value) if isinstance(value, int) else float(value)


def _parsed(text: str) -> int | float | str:
    """A number from a flag, or the text itself where it is none."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_style(text: str) -> tuple[Blend, ...]:
    """Places in the voice, from `folk`, `bach:0.7,jazz:0.3`, or a walk such as `folk/jazz`."""
    return tuple(_blend(place) for place in text.split("/")) if text else ()


def _blend(text: str) -> Blend:
    """Names and weights that sum to 1, from `folk` or `bach:0.7,jazz:0.3`."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().partition(":")
        value = _parsed(weight) if colon else 1
        if not name or isinstance(value, str) or not 0 < value <= HEAVIEST:
            raise SettingsError(
                f"--style {text}: {part!r} is no style with a weight; write bach:0.7,jazz:0.3"
            )
        weights[name] = weights.get(name, 0.0) + value
    total = sum(weights.values())
    return tuple((name, weight / total) for name, weight in weights.items())
