"""Converts phrases in ticks to messages in seconds; no other module mixes the two units.

Pure: no clock, no thread, no port. The drivers do the waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mido import Message, MetaMessage, bpm2tempo

from stream.music.note import TENTHS, ticks_to_seconds
from stream.play.timing.instrument_messages import channel_roles, setup_messages
from stream.play.timing.tune_heading import file_heading

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
    """A `mido.Message`, or a meta message (tempo or heading of a tune) that only recordings use."""
    roles: tuple[str, ...] = field(default=(), compare=False)
    """Roles of the parts that play on its channel; empty: a message for every output."""
    grid: float | None = field(default=None, compare=False)
    """Time of a note-on on the grid (s), where a performance moves it; None if it is `time`."""
    data: bytes = field(init=False, compare=False, repr=False)
    """The message as bytes, encoded early: there is no time for it when the message is due."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.message.bin())

    @property
    def on_grid(self) -> float:
        """Time on the grid in seconds; for anything but a note-on, the time."""
        return self.time if self.grid is None else self.grid


@dataclass(frozen=True, slots=True)
class Timeline:
    """The MIDI messages of a phrase."""

    messages: tuple[TimedMessage, ...]
    """Messages in order; first the tempo and the heading, then each note's on and off."""
    end: float
    """End in seconds; the next phrase starts here."""


def timeline(
    phrase: Phrase,
    start: float,
    ensemble: Ensemble | None = None,
    previous: Ensemble | None = None,
    before: Phrase | None = None,
) -> Timeline:
    """Return the messages of `phrase` when it starts at `start` (s), and its end.

    They begin with the heading of a tune, unless that `before` belongs to the same one. Then they
    set up the instruments of the ensemble that sound different from those of the
    `previous` one; both are routed (`stream.play.queue.routing`). Every note-on has its note-off,
    no later than the phrase's end. A note that is struck again while it sounds ends there, so that
    no note-off cuts a later note short.
    """

    def seconds(ticks: float) -> float:
        return start + ticks_to_seconds(ticks, phrase.bpm)

    roles = channel_roles(ensemble)

    def timed(time: float, order: int, message: Message, grid: float | None = None) -> TimedMessage:
        return TimedMessage(time, order, message, roles.get(message.channel, ()), grid)

    messages = [TimedMessage(start, TEMPO, MetaMessage("set_tempo", tempo=bpm2tempo(phrase.bpm)))]
    messages += [TimedMessage(start, TEMPO, each) for each in file_heading(phrase, before)]
    messages += [timed(start, SETUP, each) for each in setup_messages(ensemble, previous)]
    for note, onset, end in performed_notes(phrase.notes, phrase.length):
        key = {"note": note.pitch, "channel": note.channel}
        on = Message("note_on", velocity=note.velocity, **key)
        messages.append(timed(seconds(onset / TENTHS), ON, on, seconds(note.onset)))
        off = Message("note_off", velocity=0, **key)
        messages.append(timed(seconds(end / TENTHS), OFF, off))
    return Timeline(tuple(sorted(messages)), seconds(phrase.length))


def performed_notes(notes: Iterable[Note], length: int) -> list[tuple[Note, int, int]]:
    """Return each note with its performed onset and end in tenths of a tick.

    Both lie within the phrase, which is `length` ticks long; an early note at its start is played
    there. Of equal notes struck together only the longest is played.
    """
    next_onset: dict[tuple[int, int], tuple[int, int]] = {}
    """Onset of the next note of each channel and pitch: on the grid, and as performed."""
    found = []
    for note in sorted(notes, key=lambda note: (-note.onset, -note.duration)):
        key = (note.channel, note.pitch)
        grid, limit = next_onset.get(key, (length, length * TENTHS))
        onset = min(max(note.played_onset, 0), limit - 1)
        end = min(max(note.played_end, onset + 1), limit)
        if note.onset < grid and onset >= 0:
            next_onset[key] = note.onset, onset
            found.append((note, onset, end))
    return found[::-1]
