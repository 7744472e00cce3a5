"""The description of a style inside a voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StyleSpec:
    """A named style: the region of its tunes in the latent space, and their properties."""

    mean: tuple[float, ...] = ()
    """Center of the style's latent points [Z]."""
    spread: tuple[float, ...] = ()
    """Standard deviation along each dimension [Z]."""
    meters: Mapping[str, float] = field(default_factory=dict)
    """Share of tunes by meter: `8x24` is a bar of 8 units of 24 ticks."""
    modes: Mapping[str, float] = field(default_factory=dict)
    """Share of tunes by mode."""
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest value of each feature that passes the filter."""
    forms: Mapping[str, float] = field(default_factory=lambda: {"abcd": 1.0})
    """Share of tunes by form: a letter a phrase. A letter that comes back is that phrase again, a
    capital is its first half and a new ending: `abaB`."""
    returning: float = 1.0
    """Share of a new phrase that may repeat its tune, as in most real tunes."""
    formulas: str = ""
    """Runs of intervals that several tunes share (`stream.compose.melody.formulas`), as a filter in
    base64; empty in voices without outlines."""
    last_note: float = 0.0
    """Fewest units of the last note or chord of a tune, as in most real ones."""
    points: str = ""
    """Latent points [n, Z] of real tunes, little-endian float16 in base64: numbers as text would
    take megabytes of memory to read. If empty, points are drawn by `mean` and `spread`."""
    outlines: tuple[str, ...] = ()
    """Outline of the tune of each latent point (`stream.compose.melody.outline`); empty in voices
    that draw meter, mode and form for themselves."""
    longest_copy: int = 2**31 - 1
    """Most notes in a row that a tune may share with one of the corpus, as other real tunes do."""
    ensemble: str = ""
    """Name of the ensemble that plays the style's tunes; empty: the voice plays alone."""
    seeds: tuple[int, ...] = ()
    """Indices in the bank of states at which tunes begin; the only field of kind `audio`."""
