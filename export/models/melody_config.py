"""The configuration of the melody models: sizes, tags, cycles of the clocks, and what they read."""

from __future__ import annotations

from dataclasses import dataclass

from export.models import bar_memory, motif, validate
from stream.compose.melody.outline_context import PARTS

BARS = (2, 3, 4, 6, 8, 9, 12, 16)
"""Bar lengths, in units, that have a tag of their own."""
HISTORIES = ("event", "motif", "bars")
MODES = ("major", "minor")
CYCLES = (1, 2, 3, 4, 6, 8, 9, 12, 16, 32)
"""Metric cycles of the clock, in units."""
BAR_CYCLES = (1, 2, 4, 8, 16)
"""Cycles of the clock of bars, in bars."""
HINT = 48
"""Width to which a hint of the bar memory is reduced."""
EMBEDDINGS = (32, 16, 32)
"""Widths of the embedded pitch class, octave and duration."""


@dataclass(frozen=True, slots=True)
class MelodyConfig:
    """Sizes of a melody model."""

    styles: tuple[str, ...]
    hidden: int = 384
    depth: int = 3
    latent: int = 32
    encoder_hidden: int = 192
    tag_width: int = 32
    cell: str = "rhn"
    history: str = "event"
    """History that the decoder reads: the last `event`, as in the paper, a `motif` as well, or
    `bars`: both, and the same place in earlier bars."""
    kinds: tuple[str, ...] = ()
    """Types of dances that have a tag."""
    context: int = 0
    """Width of the context that the tune's outline gives."""
    outline: str = " ".join(PARTS)
    """Parts of the outline that the model reads, for ablations: some of `PARTS`."""

    def __post_init__(self) -> None:
        validate.sizes(self, "hidden", "depth", "latent", "encoder_hidden", "tag_width")

    @property
    def reach(self) -> int:
        """Events that the motif memory searches for a match; 0 without a motif memory."""
        return motif.REACH if self.history != "event" else 0

    @property
    def distances(self) -> int:
        """Hints of the bar memory; 0 without one."""
        return bar_memory.DISTANCES if self.history == "bars" else 0

    @property
    def meta_width(self) -> int:
        """Width of the metadata: tags, clocks and context."""
        clocks = len(CYCLES) + (len(BAR_CYCLES) if self.distances else 0)
        return self.tag_width + 2 * clocks + self.context

    @property
    def history_width(self) -> int:
        """Width of the history: the embedded last event, and the hints of the memories."""
        last = sum(EMBEDDINGS)
        return last + (last + motif.WIDTH if self.reach else 0) + HINT * self.distances

    @property
    def tags(self) -> int:
        return len(self.styles) + len(BARS) + len(MODES) + len(self.kinds)
