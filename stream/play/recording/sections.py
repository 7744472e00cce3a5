"""The sections of recordings that were played in the last hour, in memory."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Self

from stream.ensembles.library import Ensembles
from stream.music.favourite import main_style
from stream.music.note import ticks_to_seconds
from stream.play.recording.delta_codec import DeltaCodec
from stream.play.recording.format import (
    SILENCE,
    TEMPO_BYTES,
    Part,
    Played,
    Sounding,
    header_part,
    music,
    setup,
)
from stream.play.recording.header import Header

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a phrase, as it was played."""

    part: Part
    seconds: float = 0.0
    tune: int = -1
    """Number of the tune; -1 for the head of a section and for a repeated phrase."""
    style: str = ""
    setup: bytes = b""
    """The heading of its tune, and the events that set up all its instruments."""
    changed: int = 0
    """Number of bytes of those events that the music has, as the others are set up before."""

    @property
    def first_part(self) -> Part:
        """The part as the first that sounds: with a heading and all its instruments."""
        music, begin = self.part.music, TEMPO_BYTES
        return Part(self.part.text, music[:begin] + self.setup + music[begin + self.changed :])


@dataclass(slots=True)
class Section:
    """Contents of one rolling recording."""

    header: Header
    entries: list[Entry] = field(default_factory=list)
    checksum: int = 0
    ensembles: Ensembles = field(default_factory=Ensembles)
    previous: Sounding | None = None
    """The last part as it sounded."""
    codec: DeltaCodec = field(init=False)

    def __post_init__(self) -> None:
        self.codec = DeltaCodec(self.header)
        self.entries.append(Entry(header_part(self.header)))

    @property
    def seconds(self) -> float:
        return sum(entry.seconds for entry in self.entries)

    def add(self, played: Played) -> Part:
        """Add a part of a phrase."""
        sounding = phrase, ensemble = played.sound(self.header.synthesizer, self.ensembles)
        part = Part(self.codec.write(played), music(*sounding, self.previous))
        seconds = ticks_to_seconds(phrase.length, phrase.bpm)
        tune = -1 if played.repeat else played.source.tune
        changed = len(setup(phrase, ensemble, self.previous))
        self.entries.append(
            Entry(part, seconds, tune, played.source.style, setup(phrase, ensemble), changed)
        )
        self.previous = sounding
        return part

    def fork(self) -> Self:
        """Return a copy; what is added to it does not change this section."""
        copied = copy.copy(self)
        copied.entries, copied.codec = list(self.entries), self.codec.fork()
        return copied


def last_parts(sections: Sequence[Section], seconds: float) -> list[Part]:
    """Return the parts of the last `seconds`, and what they follow from, without its music."""
    entries = [entry for section in sections for entry in section.entries]
    first = len(entries)
    while first and seconds > 0:
        first -= 1
        seconds -= entries[first].seconds
    return _between(sections, first, len(entries))


def tune_parts(sections: Sequence[Section], tune: int) -> tuple[list[Part], str]:
    """Return the parts of a tune with what they follow from, and its style; no parts if unknown.

    If the listener has changed the style within the tune, they are the parts in the last style.
    """
    entries = [entry for section in sections for entry in section.entries]
    numbers = [number for number, entry in enumerate(entries) if entry.tune == tune]
    if not numbers:
        return [], ""
    style = entries[numbers[-1]].style
    same = takewhile(lambda n: main_style(entries[n].style) == main_style(style), numbers[::-1])
    return _between(sections, list(same)[-1], numbers[-1] + 1), style


def _between(sections: Sequence[Section], first: int, end: int) -> list[Part]:
    """Return the parts from `first` to before `end`, preceded by their section without music."""
    parts: list[Part] = []
    begin = 0
    for section in sections:
        if begin < end and first < begin + len(section.entries):
            for number, entry in enumerate(section.entries[: end - begin], begin):
                parts.append(_part(entry, number - first))
        begin += len(section.entries)
    return parts


def _part(entry: Entry, number: int) -> Part:
    """Return the part with that number among those that sound; negative if it does not."""
    if number < 0 or entry.part.music == SILENCE:
        return Part(entry.part.text, SILENCE)
    return entry.part if number else entry.first_part
