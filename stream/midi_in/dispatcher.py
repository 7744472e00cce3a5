"""Turns the messages of a MIDI input into commands for the player; the caller gives all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stream.midi.bytestream import STATUS, SYSTEM, length
from stream.midi_in.call_listener import NOTE_OFF, CallListener, ends_all, is_note, is_note_on
from stream.midi_in.clock_follower import CONTINUE, START, STOP, TRANSPORT, ClockFollower
from stream.midi_in.control_changes import ControlChanges
from stream.midi_in.echo_filter import EchoFilter
from stream.midi_in.mapping import EMPTY_MAP, Map
from stream.util.event_wait import earliest

RESET = 0xFF
"""Status byte of a system reset, after which its sender plays no notes."""
REQUEST_ANSWER = {"id": 1}
"""Member of a command that may be refused: the answer then has the reason."""
REFUSAL_SECONDS = 2.0
"""Seconds between two refusals that are shown."""
LOOP = (
    "the MIDI input receives the player's own notes, so its notes are ignored; set the instrument"
    " not to send on what it receives (local control or MIDI thru off), or choose another --input"
)
LOOP_OVER = "the MIDI input no longer receives the player's own notes; its notes are used again"

Command = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InputOptions:
    """The options of a MIDI input."""

    map: Map = EMPTY_MAP
    answer: str = "off"
    thru: bool = False
    clock: str = "off"


class MidiDispatcher:
    """Turns MIDI messages, and events from the player, into commands."""

    def __init__(self, options: InputOptions) -> None:
        self._options = options
        self._control_changes = ControlChanges(options.map)
        self._listener = CallListener(options.answer)
        self._echo_filter = EchoFilter()
        self._follower = ClockFollower()
        self._forwarded: dict[tuple[int, int], None] = {}
        """Channel and pitch of the forwarded notes that still sound."""
        self._last_refusal = float("-inf")
        self._fixed_bpm = 0.0
        """The control `bpm`; 0: each tune has its own tempo."""

    @property
    def deadline(self) -> float | None:
        """Time at which to call `due` (s); None if there is nothing to send."""
        parts = (self._control_changes, self._listener, self._echo_filter, self._follower)
        return earliest(*(part.deadline for part in parts))

    def message(self, time: float, data: bytes) -> list[Command]:
        """Return the commands for a MIDI message that came at `time` (s); ignore invalid bytes."""
        if not well_formed(data):
            return []
        if data[0] == RESET:
            return self.release(time)
        if data[0] >= SYSTEM:
            return self._transport(time, data) if data[0] in TRANSPORT else []
        return [*self._end_notes(time, data), *self._channel_message(time, data)]

    def _end_notes(self, time: float, data: bytes) -> list[Command]:
        """End the notes of a channel if the message ends them; the message may also be mapped."""
        return self._listener.release(time, data[0] & 0x0F) if ends_all(data) else []

    def _channel_message(self, time: float, data: bytes) -> list[Command]:
        if self._control_changes.is_mapped(data):
            return list(map(with_answer, self._control_changes.message(time, data)))
        return self._unmapped(time, data)

    def due(self, time: float) -> list[Command]:
        """Return the commands that are due at `time` (s)."""
        is_loop_over = self._echo_filter.due(time)
        return [
            *map(with_answer, self._control_changes.due(time)),
            *self._listener.due(time),
            *self._follower.due(time),
            *([{"notice": LOOP_OVER}] if is_loop_over else []),
        ]

    def event(self, time: float, event: dict[str, Any]) -> list[Command]:
        """Return the commands for an event from the player."""
        match event:
            case {"controls": {"bpm": float() | int() as bpm, **others}}:
                self._fixed_bpm = bpm
                self._listener.phrases.bpm = bpm or self._listener.phrases.bpm
                self._control_changes.parts = str(others.get("parts", ""))
            case {"playing": bool() as playing}:
                self._control_changes.playing = self._listener.playing = playing
            case {"phrase": {"notes": [*notes], **others}}:
                self._set_tempo(others.get("bpm"))
                self._echo_filter.add((note[0], note[4], note[2]) for note in notes)
            case {"cut": float() | int() as at}:
                self._echo_filter.cut(at)
            case {"moved": [at, delay]}:
                self._echo_filter.move(at, delay)
            case {"answer": _, "refused": reason}:
                return self._refusal(time, reason)
        return []

    def _set_tempo(self, bpm: object) -> None:
        """Note the tempo of a queued phrase, unless the tempo is fixed."""
        if not self._fixed_bpm and isinstance(bpm, int | float) and bpm > 0:
            self._listener.phrases.bpm = bpm

    def release(self, time: float) -> list[Command]:
        """End all notes of an input that was lost or reset, as it can no longer end them."""
        return [*self._listener.release(time), *self._end_forwarded()]

    def _transport(self, time: float, data: bytes) -> list[Command]:
        if self._options.clock == "follow":
            return self._follower.message(time, data)
        plays = {START: True, CONTINUE: True, STOP: False}
        return [{"play": plays[data[0]]}] if data[0] in plays else []

    def _unmapped(self, time: float, data: bytes) -> list[Command]:
        """Return the commands for a channel message that is not in the map."""
        was_loop = self._echo_filter.detected
        is_echo = is_note_on(data) and self._echo_filter.note_on(time, data[0] & 0x0F, data[1])
        if self._echo_filter.detected:
            return [] if was_loop else self._ignore_notes(time)
        commands: list[Command] = []
        if is_note(data) and not is_echo:
            commands = self._listener.message(time, data)
        return commands + (self._forward(time, data) if self._options.thru else [])

    def _ignore_notes(self, time: float) -> list[Command]:
        self._listener.phrases.release(time)
        return [{"notice": LOOP}, *self._end_forwarded()]

    def _forward(self, time: float, data: bytes) -> list[Command]:
        key = (data[0] & 0x0F, data[1])
        if is_note_on(data):
            self._forwarded[key] = None
            self._echo_filter.add([(time, *key)])
        elif is_note(data):
            self._forwarded.pop(key, None)
        elif ends_all(data):
            self._forwarded = {note: None for note in self._forwarded if note[0] != key[0]}
        return [{"midi": list(data)}]

    def _end_forwarded(self) -> list[Command]:
        ends: list[Command] = [{"midi": [NOTE_OFF | c, pitch, 0]} for c, pitch in self._forwarded]
        self._forwarded.clear()
        return ends

    def _refusal(self, time: float, reason: object) -> list[Command]:
        if time < self._last_refusal + REFUSAL_SECONDS:
            return []
        self._last_refusal = time
        return [{"notice": f"MIDI input: {reason}"}]


def with_answer(command: Command) -> Command:
    """Return the command with a request for an answer."""
    return command | REQUEST_ANSWER


def well_formed(data: bytes) -> bool:
    """Return True for one complete MIDI message that is not system exclusive."""
    if not data or data[0] < STATUS or any(byte >= STATUS for byte in data[1:]):
        return False
    return len(data) == length(data[0])
