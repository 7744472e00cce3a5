"""Facts about a tune beside its notes: tempo, key, meter, type and place in its set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEFAULT_BPM: Final = 120.0
"""Tempo of a tune whose voice knows none, in quarter notes a minute."""
WHOLE_NOTE: Final = 192
"""Ticks in a whole note."""
QUARTERS, EIGHTHS = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneFacts:
    """The facts about a tune; a voice without outlines knows none of them."""

    tempo: float = 0.0
    """The tune's own tempo in quarter notes a minute; 0 if unknown."""
    key: str = ""
    """Key in which the tune sounds, such as `D major`; empty if unknown."""
    meter: str = ""
    """Meter as it is written, such as `6/8`; empty if unknown."""
    kind: str = ""
    """Type of tune, such as `jig`; empty if unknown."""
    set_place: int = 0
    """Place of the tune in its set, from 1; 0 without sets."""
    set_size: int = 0
    """Number of tunes in the set; 0 without sets."""

    returns_to: str = ""
    """Title of the favourite that the tune returns to; empty for most tunes."""

    @property
    def own_tempo(self) -> float:
        """The tune's own tempo, or that of a tune whose voice knows none."""
        return self.tempo or DEFAULT_BPM

    @property
    def title(self) -> str:
        """The facts that name a tune, such as `jig in D major, 6/8`; empty if none is known."""
        key = f"in {self.key}" if self.key else ""
        name = " ".join(filter(None, (self.kind, key)))
        return ", ".join(filter(None, (name, self.meter)))

    @property
    def set_text(self) -> str:
        """The place in the set, such as `2 of 3`; empty without sets."""
        return f"{self.set_place} of {self.set_size}" if self.set_place else ""


def form_mark(letter: str) -> str:
    """Return the letter of a phrase as musicians write it: `A'` if the phrase has a new ending.

    A capital in a form is the phrase of that letter with a new ending.
    """
    return f"{letter.upper()}'" if letter.isupper() else letter.upper()


def meter_of(bar: int, unit: int) -> str:
    """Return the meter of bars of `bar` units of `unit` ticks, as it is written; empty if unknown.

    Eight eighths are 4/4, but six are 6/8: only eighths are counted in threes. An even number of
    other short units is written in longer notes, down to quarter notes.
    """
    below, rest = divmod(WHOLE_NOTE, unit)
    if rest or below & (below - 1):
        return ""
    compound = below == EIGHTHS and bar % 3 == 0
    while below > QUARTERS and bar % 2 == 0 and not compound:
        bar, below = bar // 2, below // 2
    return f"{bar}/{below}"
