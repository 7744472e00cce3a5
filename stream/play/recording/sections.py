"""What was played in the last hour, in memory: the sections of recordings, part by part."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from stream.music.note import ticks_to_seconds
from stream.play.recording.delta_codec import DeltaCodec
from stream.play.recording.format import SILENCE, Header, Part, Played, music, opening

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a phrase that was played."""

    part: Part
    seconds: float = 0.0
    tune: int = -1
    """-1: it is of none: the head of a section, or a phrase that was played again."""
    style: str = ""


@dataclass(slots=True)
class Section:
    """What one rolling recording holds."""

    header: Header
    entries: list[Entry] = field(default_factory=list)
    checksum: int = 0
    shorthand: DeltaCodec = field(init=False)

    def __post_init__(self) -> None:
        self.shorthand = DeltaCodec(self.header)
        self.entries.append(Entry(opening(self.header)))

    @property
    def seconds(self) -> float:
        return sum(entry.seconds for entry in self.entries)

    def add(self, what: Played) -> Part:
        """Keep a part of a phrase."""
        phrase = what.phrase(self.header.synthesizer)
        part = Part(self.shorthand.write(what), music(phrase))
        seconds = ticks_to_seconds(phrase.length, phrase.bpm)
        tune = -1 if what.repeat else what.source.tune
        self.entries.append(Entry(part, seconds, tune, what.source.style))
        return part

    def fork(self) -> Self:
        """The same, to which something can be added that this one does not know."""
        twin = copy.copy(self)
        twin.entries, twin.shorthand = list(self.entries), self.shorthand.fork()
        return twin


def last(sections: Sequence[Section], seconds: float) -> list[Part]:
    """The parts that were played in the last seconds, and what they follow from without music."""
    entries = [entry for section in sections for entry in section.entries]
    first = len(entries)
    while first and seconds > 0:
        first -= 1
        seconds -= entries[first].seconds
    return _between(sections, first, len(entries))


def of_tune(sections: Sequence[Section], tune: int) -> tuple[list[Part], str]:
    """The parts of a tune, and what they follow from; then its style. No parts: it is not there."""
    entries = [entry for section in sections for entry in section.entries]
    found = [number for number, entry in enumerate(entries) if entry.tune == tune]
    if not found:
        return [], ""
    return _between(sections, found[0], found[-1] + 1), entries[found[-1]].style


def _between(sections: Sequence[Section], first: int, end: int) -> list[Part]:
    """The parts from `first` up to `end`, those before them in the same section without music."""
    parts: list[Part] = []
    begin = 0
    for section in sections:
        if begin < end and first < begin + len(section.entries):
            for number, entry in enumerate(section.entries[: end - begin], begin):
                sounds = number >= first
                parts.append(entry.part if sounds else Part(entry.part.text, SILENCE))
        begin += len(section.entries)
    return parts
