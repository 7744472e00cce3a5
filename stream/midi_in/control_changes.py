"""Turns control and program changes into commands, at most fifty a second.

A knob sends hundreds of values a second while it is turned; the last one wins. The caller gives all
times.
"""

from __future__ import annotations

from typing import Any

from stream.config.part_changes import OFF, parse_parts, with_switch
from stream.errors import SettingsError
from stream.midi_in.mapping import ControlChangeEntry, Map, ProgramChangeEntry
from stream.midi_in.tap_tempo import TapTempo
from stream.midi_in.targets import AUTOS, BUTTONS, PART

CONTROL_CHANGE, PROGRAM_CHANGE = 0xB0, 0xC0
SPACING_SECONDS = 0.02
"""Seconds between two commands that set controls."""
PRESSED = 64
"""Lowest value of a button that is pressed."""

Command = dict[str, Any]


class ControlChanges:
    """Applies a map to messages."""

    def __init__(self, mapped: Map) -> None:
        self._map = mapped
        self._pending: Command = {}
        self._next = float("-inf")
        """Time from which controls may be set again (s)."""
        self._positions: dict[ControlChangeEntry, int] = {}
        self._tempo = TapTempo()
        self.playing = True
        """True while the music plays: the play button pauses it."""
        self.parts = ""
        """Changes to the parts, which the buttons of parts change."""

    @property
    def deadline(self) -> float | None:
        """Time at which to call `due` (s); None if there is nothing to send."""
        return self._next if self._pending else None

    def is_mapped(self, data: bytes) -> bool:
        """Return True if the map has an entry for a channel message."""
        return bool(self._entries(data) or self._program_commands(data))

    def message(self, time: float, data: bytes) -> list[Command]:
        """Return the commands for a channel message that came at `time` (s)."""
        commands = self._program_commands(data)
        for entry in self._entries(data):
            if entry.control in BUTTONS:
                commands += self._press(time, entry, data[2])
            else:
                self._pending[entry.field] = entry.value(data[2])
        return commands + self.due(time)

    def due(self, time: float) -> list[Command]:
        """Return the commands that are due at `time` (s)."""
        if not self._pending or time < self._next:
            return []
        values, self._pending = self._pending, {}
        self._next = time + SPACING_SECONDS
        return [{"set": values}]

    def _entries(self, data: bytes) -> list[ControlChangeEntry]:
        if data[0] & 0xF0 != CONTROL_CHANGE:
            return []
        return [each for each in self._map.control_changes if _matches(each, data)]

    def _program_commands(self, data: bytes) -> list[Command]:
        if data[0] & 0xF0 != PROGRAM_CHANGE:
            return []
        return [dict(each.command) for each in self._map.program_changes if _matches(each, data)]

    def _press(self, time: float, entry: ControlChangeEntry, position: int) -> list[Command]:
        """Return the command of a button that is pressed; some buttons never send a release."""
        before = self._positions.get(entry, 0)
        self._positions[entry] = position
        if position < PRESSED or PRESSED <= before != position:
            return []
        if entry.control.startswith(PART):
            return [{"set": {"parts": self._switched(entry.control.removeprefix(PART))}}]
        if entry.control in AUTOS:
            self._pending.pop(entry.field, None)
            return [{"set": {entry.field: 0}}]
        if entry.control == "tap":
            bpm = self._tempo.tap(time)
            return [] if bpm is None else [{"set": {"bpm": bpm}}]
        if entry.control != "play":
            return [{entry.control: True}]
        self.playing = not self.playing
        return [{"play": self.playing}]

    def _switched(self, role: str) -> str:
        """Turn a part off, or on again; return the changes to the parts."""
        try:
            plays = parse_parts(self.parts).get(role) == OFF
            self.parts = with_switch(self.parts, role, plays=plays)
        except SettingsError:  # nothing that the player sends
            self.parts = ""
        return self.parts


def _matches(entry: ControlChangeEntry | ProgramChangeEntry, data: bytes) -> bool:
    return entry.number == data[1] and entry.channel in (None, (data[0] & 0x0F) + 1)
