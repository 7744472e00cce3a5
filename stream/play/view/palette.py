"""Colors of the live view: a table of 256, so that a picture consists of rows of bytes.

The hue of a part that plays alone follows the circle of fifths: notes that are close in harmony
have similar colors, and a modulation is visible at once. Of several parts, each has its own color.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

from stream.music.part import ROLES

RGB = tuple[int, int, int]
Code = Callable[[int], str]
"""Returns the terminal's code of a color of the table: `exact` or `nearest`."""

LEVELS = 16
"""Number of brightness steps of a note; the last one is almost white."""
PART_LEVELS = 7
"""Number of brightness steps of a note with the color of its part."""
PARTS = MappingProxyType(
    {
        "lead": (0.88, 0.16, 103),
        "harmony": (0.74, 0.12, 345),
        "comping": (0.78, 0.11, 233),
        "bass": (0.70, 0.17, 45),
        "alto": (0.75, 0.13, 165),
        "tenor": (0.68, 0.14, 272),
        "drums": (0.86, 0.015, 270),
    }
)
"""Lightness, chroma and hue (degrees) of each part: those of the panel, after the palette of Okabe
and Ito, which people of every color vision tell apart."""

PAPER, PAPER_C, BAR, BAR_C, PHRASE, PHRASE_C, PLAYHEAD = range(7)
PAPERS = (PAPER, PAPER_C)
LINES = MappingProxyType({BAR: PAPER, BAR_C: PAPER_C, PHRASE: PAPER, PHRASE_C: PAPER_C})
"""Colors of thin lines, drawn only where no note covers them, and the paper below each."""
KEY, KEY_BLACK, FAINT, TEXT, STRONG, GOOD, BAD = range(7, 14)
_FIXED: tuple[RGB, ...] = (
    *((15, 16, 23), (23, 25, 36), (44, 48, 68), (44, 48, 68), (92, 97, 134), (92, 97, 134)),
    (214, 218, 240),
    *((186, 189, 204), (48, 51, 68), (98, 103, 132), (170, 175, 200), (240, 242, 252)),
    *((120, 210, 150), (244, 172, 92)),
)


def note_color(pitch: int, level: float) -> int:
    """Return the table index of MIDI note `pitch` at brightness `level`, 0 to `LEVELS` - 1."""
    return len(_FIXED) + pitch % 12 * LEVELS + min(max(int(level), 0), LEVELS - 1)


def part_color(role: str, level: float) -> int:
    """Return the table index of a part at brightness `level`, 0 to `LEVELS` - 1."""
    step = min(max(int(level), 0), LEVELS - 1) * PART_LEVELS // LEVELS
    return len(_FIXED) + 12 * LEVELS + ROLES.index(role) * PART_LEVELS + step


def _part_rgb(role: str, level: int) -> RGB:
    share = level / (PART_LEVELS - 1)
    lightness, chroma, hue = PARTS[role]
    light = min(0.3 + 0.85 * (lightness - 0.3) * (0.25 + share), 0.97)
    return _oklch(light, chroma * (0.6 + 0.4 * math.sin(math.pi * share)), math.radians(hue))


def _note_rgb(pitch_class: int, level: int) -> RGB:
    share = level / (LEVELS - 1)
    hue = math.radians(30 * (pitch_class * 7 % 12) + 20)
    # The color fades into white at the top and into the paper at the bottom.
    chroma = 0.165 * math.sin(math.pi * (0.12 + 0.74 * share))
    return _oklch(0.24 + 0.70 * share, chroma, hue)


def _oklch(lightness: float, chroma: float, hue: float) -> RGB:
    """Return red, green and blue of a color in polar Oklab (Ottosson 2020), which is uniform."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _gamma(linear: float) -> int:
    linear = min(max(linear, 0.0), 1.0)
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * encoded)


TABLE: tuple[RGB, ...] = (
    *_FIXED,
    *(_note_rgb(pitch_class, level) for pitch_class in range(12) for level in range(LEVELS)),
    *(_part_rgb(role, level) for role in ROLES for level in range(PART_LEVELS)),
)
"""Red, green and blue of every index, each 0-255."""


@lru_cache(maxsize=256)
def exact(index: int) -> str:
    """Return the color parameter for terminals with 16 million colors."""
    red, green, blue = TABLE[index]
    return f"2;{red};{green};{blue}"


@lru_cache(maxsize=256)
def nearest(index: int) -> str:
    """Return the color parameter for terminals with 256 colors."""
    red, green, blue = TABLE[index]
    if max(red, green, blue) - min(red, green, blue) < 28:
        gray = round((red + green + blue) / 3 - 8) // 10
        return f"5;{232 + min(max(gray, 0), 23)}"
    return f"5;{16 + 36 * _cube(red) + 6 * _cube(green) + _cube(blue)}"


def _cube(value: int) -> int:
    """Return the index of the nearest of the steps 0, 95, 135, 175, 215, 255."""
    return 0 if value < 48 else min(max((value - 35) // 40, 1), 5)
