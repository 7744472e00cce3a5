"""Listening: what a person plays becomes phrases that the stream goes on from. Times are given.

A phrase of theirs ends when nothing sounds and nothing new has come for a while.
"""

from __future__ import annotations

from collections import deque
from typing import Any

NOTE_OFF, NOTE_ON = 0x80, 0x90
CONTROL_CHANGE = 0xB0
ALL_SOUND_OFF, ALL_NOTES_OFF, POLY_ON = 120, 123, 127
"""Controllers that end every note of a channel: 120, and 123 to 127; the modes end notes, too."""
DRUMS = 9
"""The channel of drums, which have no pitch."""
SHORTEST_PAUSE_SECONDS = 0.6
"""A pause ends a phrase when it is as long as this, and as a beat."""
LONGEST_NOTE_SECONDS = 8.0
"""What is held longer has lost its end."""
MOST_NOTES = 512
"""Of a phrase, the last ones."""
BRIEFEST_SECONDS = 0.01
DIGITS = 6
"""Of a time, in seconds."""

Command = dict[str, Any]
Heard = tuple[float, float, int, int]
"""Onset and duration in seconds, pitch, velocity."""


class Phrases:
    """Notes as they come become phrases."""

    def __init__(self) -> None:
        self.bpm = 120.0
        self._sounding: dict[tuple[int, int], tuple[float, int]] = {}
        """Onset and velocity by channel and pitch."""
        self._notes: deque[Heard] = deque(maxlen=MOST_NOTES)
        self._last = 0.0
        """When something happened."""

    @property
    def begun(self) -> bool:
        """Whether a phrase is being played."""
        return bool(self._notes or self._sounding)

    @property
    def deadline(self) -> float | None:
        """When `due` may change something (s)."""
        if self._sounding:
            return min(onset for onset, _ in self._sounding.values()) + LONGEST_NOTE_SECONDS
        if self._notes:
            return self._last + max(60 / self.bpm, SHORTEST_PAUSE_SECONDS)
        return None

    def message(self, time: float, data: bytes) -> None:
        """A note-on or note-off that came at `time` (s)."""
        channel, pitch, velocity = data[0] & 0x0F, data[1], data[2]
        if channel == DRUMS:
            return
        self._end((channel, pitch), time)
        if is_note_on(data):
            self._sounding[channel, pitch] = (time, velocity)
            self._last = time

    def due(self, time: float) -> tuple[Heard, ...]:
        """The phrase that has ended by `time` (s), if any, in order of onset."""
        for key, (onset, _) in list(self._sounding.items()):
            if time >= onset + LONGEST_NOTE_SECONDS:
                self._end(key, onset + LONGEST_NOTE_SECONDS)
        if self._sounding or self.deadline is None or time < self.deadline:
            return ()
        notes = tuple(sorted(self._notes))
        self._notes.clear()
        return notes

    def release(self, time: float, channel: int | None = None) -> None:
        """What sounds has ended, on this channel or on all of them."""
        for key in list(self._sounding):
            if channel in (None, key[0]):
                self._end(key, time)

    def _end(self, key: tuple[int, int], time: float) -> None:
        if key in self._sounding:
            onset, velocity = self._sounding.pop(key)
            duration = max(time - onset, BRIEFEST_SECONDS)
            self._notes.append((round(onset, DIGITS), round(duration, DIGITS), key[1], velocity))
            self._last = max(self._last, time)


class CallListener:
    """What the player is told about phrases: `answer`, `duet` or `seed`."""

    def __init__(self, answer: str) -> None:
        self.phrases = Phrases()
        self.playing = True
        """Whether the music plays."""
        self._answer = answer
        self._paused = False
        """Whether the music stands still because a person plays."""
        self._done = answer == "off"

    @property
    def deadline(self) -> float | None:
        return self.phrases.deadline

    def message(self, time: float, data: bytes) -> list[Command]:
        """A note-on or note-off that came at `time` (s)."""
        if self._done:
            return []
        heard = self.due(time)
        if self._done:
            return heard
        self.phrases.message(time, data)
        if self._answer != "answer" or self._paused or not (self.playing and self.phrases.begun):
            return heard
        self._paused, self.playing = True, False
        return [*heard, {"play": False}]

    def release(self, time: float, channel: int | None = None) -> list[Command]:
        """What sounds has ended at `time` (s), on this channel or on all of them."""
        heard = self.due(time)
        self.phrases.release(time, channel)
        return heard

    def due(self, time: float) -> list[Command]:
        """What is to be said at `time` (s)."""
        notes = self.phrases.due(time)
        if not notes:
            return []
        self._done = self._answer == "seed"
        end = max(onset + duration for onset, duration, *_ in notes)
        heard: Command = {"call": {"notes": [list(note) for note in notes], "end": end}}
        if not self._paused:
            return [heard]
        self._paused, self.playing = False, True
        return [heard, {"play": True}]


def is_note(data: bytes) -> bool:
    """Whether a channel message begins or ends a note."""
    return data[0] & 0xF0 in (NOTE_OFF, NOTE_ON)


def ends_all(data: bytes) -> bool:
    """Whether a channel message ends every note of its channel."""
    if data[0] & 0xF0 != CONTROL_CHANGE:
        return False
    return data[1] == ALL_SOUND_OFF or ALL_NOTES_OFF <= data[1] <= POLY_ON


def is_note_on(data: bytes) -> bool:
    """Whether a channel message begins a note: one without velocity ends it."""
    return data[0] & 0xF0 == NOTE_ON and data[2] > 0
