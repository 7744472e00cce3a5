"""Collects what a person plays into phrases, the calls that the stream responds to.

A phrase ends once no note sounds and none has begun for a while. The caller gives all times.
"""

from __future__ import annotations

from collections import deque
from typing import Any

NOTE_OFF, NOTE_ON = 0x80, 0x90
CONTROL_CHANGE = 0xB0
ALL_SOUND_OFF, ALL_NOTES_OFF, POLY_ON = 120, 123, 127
"""Control changes that end every note of a channel: 120, and 123 to 127 (the modes as well)."""
DRUMS = 9
"""Channel of drums, which have no pitch."""
SHORTEST_PAUSE_SECONDS = 0.6
"""Shortest pause (s) that ends a phrase; it lasts at least a beat as well."""
LONGEST_NOTE_SECONDS = 8.0
"""Longest duration of a note (s); the note-off of a longer one counts as lost."""
MOST_NOTES = 512
"""Number of notes of a phrase; of more, the last ones remain."""
SHORTEST_NOTE_SECONDS = 0.01
DIGITS = 6
"""Decimals of a time in seconds."""

Command = dict[str, Any]
PlayedNote = tuple[float, float, int, int]
"""Onset and duration in seconds, pitch, velocity."""


class PhraseCollector:
    """Collects notes into phrases."""

    def __init__(self) -> None:
        self.bpm = 120.0
        self._sounding: dict[tuple[int, int], tuple[float, int]] = {}
        """Onset (s) and velocity of sounding notes by channel and pitch."""
        self._notes: deque[PlayedNote] = deque(maxlen=MOST_NOTES)
        self._last = 0.0
        """Time of the last onset or end of a note (s)."""

    @property
    def in_progress(self) -> bool:
        """True while a phrase is being played."""
        return bool(self._notes or self._sounding)

    @property
    def deadline(self) -> float | None:
        """Time at which to call `due` (s); None if there is nothing to end."""
        if self._sounding:
            return min(onset for onset, _ in self._sounding.values()) + LONGEST_NOTE_SECONDS
        if self._notes:
            return self._last + max(60 / self.bpm, SHORTEST_PAUSE_SECONDS)
        return None

    def message(self, time: float, data: bytes) -> None:
        """Add a note-on or note-off that came at `time` (s)."""
        channel, pitch, velocity = data[0] & 0x0F, data[1], data[2]
        if channel == DRUMS:
            return
        self._end((channel, pitch), time)
        if is_note_on(data):
            self._sounding[channel, pitch] = (time, velocity)
            self._last = time

    def due(self, time: float) -> tuple[PlayedNote, ...]:
        """Return the phrase that has ended by `time` (s), in order of onset; empty if none has."""
        for key, (onset, _) in list(self._sounding.items()):
            if time >= onset + LONGEST_NOTE_SECONDS:
                self._end(key, onset + LONGEST_NOTE_SECONDS)
        if self._sounding or self.deadline is None or time < self.deadline:
            return ()
        notes = tuple(sorted(self._notes))
        self._notes.clear()
        return notes

    def release(self, time: float, channel: int | None = None) -> None:
        """End the sounding notes at `time` (s), on one channel or on all of them."""
        for key in list(self._sounding):
            if channel in (None, key[0]):
                self._end(key, time)

    def _end(self, key: tuple[int, int], time: float) -> None:
        if key in self._sounding:
            onset, velocity = self._sounding.pop(key)
            duration = max(time - onset, SHORTEST_NOTE_SECONDS)
            self._notes.append((round(onset, DIGITS), round(duration, DIGITS), key[1], velocity))
            self._last = max(self._last, time)


class CallListener:
    """Turns phrases into commands, according to an answer mode other than `off`."""

    def __init__(self, answer: str) -> None:
        self.phrases = PhraseCollector()
        self.playing = True
        """True while the music plays."""
        self._answer = answer
        self._paused = False
        """True while the music is paused because a person plays."""
        self._done = answer == "off"
        self._held: dict[tuple[int, int], None] = {}
        """Channel and pitch of the notes that sound while the band follows."""

    @property
    def deadline(self) -> float | None:
        return self.phrases.deadline

    def message(self, time: float, data: bytes) -> list[Command]:
        """Return the commands for a note-on or note-off that came at `time` (s)."""
        if self._done:
            return []
        if self._answer == "accompany":
            return self._live(time, data)
        commands = self.due(time)
        if self._done:
            return commands
        self.phrases.message(time, data)
        is_call = self._answer == "answer" and self.phrases.in_progress
        if not is_call or self._paused or not self.playing:
            return commands
        self._paused, self.playing = True, False
        return [*commands, {"play": False}]

    def release(self, time: float, channel: int | None = None) -> list[Command]:
        """End the sounding notes at `time` (s), on one channel or on all of them."""
        commands = self.due(time)
        self.phrases.release(time, channel)
        ended = [key for key in self._held if channel in (None, key[0])]
        for key in ended:
            del self._held[key]
        return [*commands, *(live(time, pitch, 0) for _, pitch in ended)]

    def _live(self, time: float, data: bytes) -> list[Command]:
        """Return the command that tells the band of a note, at once."""
        key = data[0] & 0x0F, data[1]
        if key[0] == DRUMS:
            return []
        if is_note_on(data):
            self._held[key] = None
            return [live(time, key[1], data[2])]
        return [live(time, key[1], 0)] if self._held.pop(key, True) is None else []

    def due(self, time: float) -> list[Command]:
        """Return the commands that are due at `time` (s)."""
        notes = self.phrases.due(time)
        if not notes:
            return []
        self._done = self._answer == "seed"
        end = max(onset + duration for onset, duration, *_ in notes)
        call: Command = {"call": {"notes": [list(note) for note in notes], "end": end}}
        if not self._paused:
            return [call]
        self._paused, self.playing = False, True
        return [call, {"play": True}]


def live(time: float, pitch: int, velocity: int) -> Command:
    """Return the command for a note that begins at `time` (s), or ends with velocity 0."""
    return {"live": {"time": time, "pitch": pitch, "velocity": velocity}}


def is_note(data: bytes) -> bool:
    """Return True if a channel message begins or ends a note."""
    return data[0] & 0xF0 in (NOTE_OFF, NOTE_ON)


def ends_all(data: bytes) -> bool:
    """Return True if a channel message ends every note of its channel."""
    if data[0] & 0xF0 != CONTROL_CHANGE:
        return False
    return data[1] == ALL_SOUND_OFF or ALL_NOTES_OFF <= data[1] <= POLY_ON


def is_note_on(data: bytes) -> bool:
    """Return True if a channel message begins a note; velocity 0 ends it."""
    return data[0] & 0xF0 == NOTE_ON and data[2] > 0
