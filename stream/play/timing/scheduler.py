"""Converts phrases in ticks to messages in seconds; no other module mixes the two units.

Pure: no clock, no thread, no port. The drivers do the waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mido import Message, MetaMessage, bpm2tempo

from stream.music.note import ticks_to_seconds
from stream.play.timing.instrument_messages import channel_roles, setup_messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Note, Phrase

CLOCK, OFF, TEMPO, SETUP, ON = range(-1, 4)
"""Order of messages with the same time: a note ends before the next one begins."""


@dataclass(frozen=True, slots=True, order=True)
class TimedMessage:
    """A MIDI message and the time at which it is due."""

    time: float
    """Time in seconds, monotonic (from 0 when rendering)."""
    order: int
    """`CLOCK`, `OFF`, `TEMPO`, `SETUP` or `ON`."""
    message: Any = field(compare=False)
    """A `mido.Message`, or the `set_tempo` meta message that only recordings use."""
    roles: tuple[str, ...] = field(default=(), compare=False)
    """Roles of the parts that play on its channel; empty: a message for every output."""
    data: bytes = field(init=False, compare=False, repr=False)
    """The message as bytes, encoded early: there is no time for it when the message is due."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.message.bin())


@dataclass(frozen=True, slots=True)
class Timeline:
    """The MIDI messages of a phrase."""

    messages: tuple[TimedMessage, ...]
    """Messages in order; first the tempo, then each note's on and off."""
    end: float
    """End in seconds; the next phrase starts here."""


def timeline(
    phrase: Phrase,
    start: float,
    ensemble: Ensemble | None = None,
    previous: Ensemble | None = None,
) -> Timeline:
    """Return the messages of `phrase` when it starts at `start` (s), and its end.

    First they set up the instruments of the ensemble that sound different from those of the
    `previous` one; both are routed (`stream.play.queue.routing`). Every note-on has its note-off,
    no later than the phrase's end. A note that is struck again while it sounds ends there, so that
    no note-off cuts a later note short.
    """

    def seconds(ticks: int) -> float:
        return start + ticks_to_seconds(ticks, phrase.bpm)

    roles = channel_roles(ensemble)

    def timed(time: float, order: int, message: Message) -> TimedMessage:
        return TimedMessage(time, order, message, roles.get(message.channel, ()))

    messages = [TimedMessage(start, TEMPO, MetaMessage("set_tempo", tempo=bpm2tempo(phrase.bpm)))]
    messages += [timed(start, SETUP, each) for each in setup_messages(ensemble, previous)]
    for note, end in note_ends(phrase.notes, phrase.length):
        key = {"note": note.pitch, "channel": note.channel}
        on = Message("note_on", velocity=note.velocity, **key)
        messages.append(timed(seconds(note.onset), ON, on))
        messages.append(timed(seconds(end), OFF, Message("note_off", velocity=0, **key)))
    return Timeline(tuple(sorted(messages)), seconds(phrase.length))


def note_ends(notes: Iterable[Note], length: int) -> list[tuple[Note, int]]:
    """Return each note with its end tick; of equal notes struck together only the longest."""
    next_onset: dict[tuple[int, int], int] = {}
    found = []
    for note in sorted(notes, key=lambda note: (-note.onset, -note.duration)):
        key = (note.channel, note.pitch)
        end = min(note.end, length, next_onset.get(key, length))
        next_onset[key] = note.onset
        if end > note.onset:
            found.append((note, end))
    return found[::-1]
