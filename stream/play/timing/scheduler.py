"""Phrases in ticks become messages in seconds: the only place where the two units meet.

Pure: no clock, no thread, no port. Waiting is the drivers' work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mido import Message, MetaMessage, bpm2tempo

from stream.music.note import ticks_to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.music.note import Note, Phrase

PULSE, OFF, TEMPO, ON = range(-1, 3)
"""Order of messages at the same time: a note that ends makes room for the one that begins."""


@dataclass(frozen=True, slots=True, order=True)
class TimedMessage:
    """A MIDI message and when it is due."""

    time: float
    """Seconds, monotonic (or from 0 when rendering)."""
    order: int
    """`PULSE`, `OFF`, `TEMPO` or `ON`."""
    message: Any = field(compare=False)
    """A `mido.Message`, or the `set_tempo` meta message that only recordings keep."""
    data: bytes = field(init=False, compare=False, repr=False)
    """The message as it goes over a wire: made now, because there is no time when it is due."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.message.bin())


@dataclass(frozen=True, slots=True)
class Timeline:
    """A phrase as devices take it."""

    messages: tuple[TimedMessage, ...]
    """In order; first the tempo, then each note's on and off."""
    end: float
    """Seconds; the next phrase starts here."""


def timeline(phrase: Phrase, start: float) -> Timeline:
    """The messages of `phrase` when it starts at `start` (s), and its end.

    Every on has its off, none later than the phrase's end. A note that is struck again while it
    sounds ends there, so that no off cuts a later note short.
    """

    def seconds(ticks: int) -> float:
        return start + ticks_to_seconds(ticks, phrase.bpm)

    tempo = MetaMessage("set_tempo", tempo=bpm2tempo(phrase.bpm))
    messages = [TimedMessage(start, TEMPO, tempo)]
    for note, end in ends(phrase.notes, phrase.length):
        key = {"note": note.pitch, "channel": note.channel}
        on = Message("note_on", velocity=note.velocity, **key)
        messages.append(TimedMessage(seconds(note.onset), ON, on))
        messages.append(TimedMessage(seconds(end), OFF, Message("note_off", velocity=0, **key)))
    return Timeline(tuple(sorted(messages)), seconds(phrase.length))


def ends(notes: Iterable[Note], length: int) -> list[tuple[Note, int]]:
    """Each note with the tick at which it ends; of notes struck together the longest stays."""
    struck: dict[tuple[int, int], int] = {}
    ends = []
    for note in sorted(notes, key=lambda note: (-note.onset, -note.duration)):
        key = (note.channel, note.pitch)
        end = min(note.end, length, struck.get(key, length))
        struck[key] = note.onset
        if end > note.onset:
            ends.append((note, end))
    return ends[::-1]
