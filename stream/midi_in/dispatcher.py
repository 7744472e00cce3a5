"""All that comes in on a MIDI input, and what the player is told about it. Times are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stream.midi.bytestream import STATUS, SYSTEM, length
from stream.midi_in.call_listener import NOTE_OFF, CallListener, ends_all, is_note, is_note_on
from stream.midi_in.clock_follower import CONTINUE, START, STOP, TRANSPORT, ClockFollower
from stream.midi_in.control_changes import ControlChanges
from stream.midi_in.echo_filter import EchoFilter
from stream.midi_in.mapping import NOTHING_MAPPED, Map

RESET = 0xFF
"""System reset: whoever sends it begins anew, and sounds nothing."""
ASK = {"id": 1}
"""Behind what may be refused: then the answer says why."""
REFUSAL_SECONDS = 2.0
"""Between two refusals that the listener is told."""
LOOP = (
    "the MIDI input hears what we play, so it is not listened to; let the instrument not send on"
    " what it receives (local control or MIDI thru off), or choose another --input"
)

Command = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What the input is for."""

    map: Map = NOTHING_MAPPED
    answer: str = "off"
    thru: bool = False
    clock: str = "off"


class MidiDispatcher:
    """Turns messages and events into commands."""

    def __init__(self, wishes: InputOptions) -> None:
        self._wishes = wishes
        self._knobs = ControlChanges(wishes.map)
        self._listener = CallListener(wishes.answer)
        self._echo = EchoFilter()
        self._follower = ClockFollower()
        self._passed: dict[tuple[int, int], None] = {}
        """Channel and pitch of what was passed on and sounds."""
        self._refused = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When `due` has something to say (s); None: never."""
        parts = (self._knobs, self._listener, self._echo, self._follower)
        return min((p.deadline for p in parts if p.deadline is not None), default=None)

    def message(self, time: float, data: bytes) -> list[Command]:
        """One MIDI message that came at `time` (s); what is none is passed over."""
        if not well_formed(data):
            return []
        if data[0] == RESET:
            return self.release(time)
        if data[0] >= SYSTEM:
            return self._transport(time, data) if data[0] in TRANSPORT else []
        return [*self._ended(time, data), *self._channel(time, data)]

    def _ended(self, time: float, data: bytes) -> list[Command]:
        """The end of the notes of a channel, whatever else the message is for."""
        return self._listener.release(time, data[0] & 0x0F) if ends_all(data) else []

    def _channel(self, time: float, data: bytes) -> list[Command]:
        if self._knobs.takes(data):
            return [asking(command) for command in self._knobs.message(time, data)]
        return self._played(time, data)

    def due(self, time: float) -> list[Command]:
        """What is to be said at `time` (s) though nothing came."""
        over = self._echo.due(time)
        return [
            *map(asking, self._knobs.due(time)),
            *self._listener.due(time),
            *self._follower.due(time),
            *([{"notice": "the MIDI input is listened to again"}] if over else []),
        ]

    def event(self, time: float, event: dict[str, Any]) -> list[Command]:
        """What the player says."""
        match event:
            case {"controls": {"bpm": float() | int() as bpm}}:
                self._listener.phrases.bpm = bpm
            case {"playing": bool() as playing}:
                self._knobs.playing = self._listener.playing = playing
            case {"phrase": {"notes": [*notes]}}:
                self._echo.sends((note[0], note[4], note[2]) for note in notes)
            case {"cut": float() | int() as since}:
                self._echo.cut(since)
            case {"moved": [since, delay]}:
                self._echo.moved(since, delay)
            case {"answer": _, "refused": reason}:
                return self._refusal(time, reason)
        return []

    def release(self, time: float) -> list[Command]:
        """The input has gone, or was reset: nobody can end what sounds."""
        return [*self._listener.release(time), *self._end_passed()]

    def _transport(self, time: float, data: bytes) -> list[Command]:
        if self._wishes.clock == "follow":
            return self._follower.message(time, data)
        plays = {START: True, CONTINUE: True, STOP: False}
        return [{"play": plays[data[0]]}] if data[0] in plays else []

    def _played(self, time: float, data: bytes) -> list[Command]:
        """A channel message that moves no control."""
        known = self._echo.there
        echoes = is_note_on(data) and self._echo.note_on(time, data[0] & 0x0F, data[1])
        if self._echo.there:
            return [] if known else self._shut_out(time)
        commands: list[Command] = []
        if is_note(data) and not echoes:
            commands = self._listener.message(time, data)
        return commands + (self._pass_on(time, data) if self._wishes.thru else [])

    def _shut_out(self, time: float) -> list[Command]:
        self._listener.phrases.release(time)
        return [{"notice": LOOP}, *self._end_passed()]

    def _pass_on(self, time: float, data: bytes) -> list[Command]:
        key = (data[0] & 0x0F, data[1])
        if is_note_on(data):
            self._passed[key] = None
            self._echo.sends([(time, *key)])
        elif is_note(data):
            self._passed.pop(key, None)
        elif ends_all(data):
            self._passed = {one: None for one in self._passed if one[0] != key[0]}
        return [{"midi": list(data)}]

    def _end_passed(self) -> list[Command]:
        ends: list[Command] = [{"midi": [NOTE_OFF | c, pitch, 0]} for c, pitch in self._passed]
        self._passed.clear()
        return ends

    def _refusal(self, time: float, reason: object) -> list[Command]:
        if time < self._refused + REFUSAL_SECONDS:
            return []
        self._refused = time
        return [{"notice": f"MIDI input: {reason}"}]


def asking(command: Command) -> Command:
    """The command, with an answer wished for."""
    return command | ASK


def well_formed(data: bytes) -> bool:
    """Whether this is one whole MIDI message, and no system-exclusive one."""
    if not data or data[0] < STATUS or any(byte >= STATUS for byte in data[1:]):
        return False
    return len(data) == length(data[0])
