"""Controllers and programs at work: moves become commands, at most fifty a second. Times are given.

A knob that is turned sends hundreds of values a second; the last one wins.
"""

from __future__ import annotations

from typing import Any

from stream.midi_in.mapping import ACTIONS, Controller, Map

CONTROL_CHANGE, PROGRAM_CHANGE = 0xB0, 0xC0
SPACING_SECONDS = 0.02
"""Between two commands that set controls."""
PRESSED = 64
"""A button sends so much, or more."""

Command = dict[str, Any]


class ControlChanges:
    """What a map makes of messages."""

    def __init__(self, mapped: Map) -> None:
        self._map = mapped
        self._wishes: Command = {}
        self._next = float("-inf")
        """When controls may be set again (s)."""
        self._positions: dict[Controller, int] = {}
        self.playing = True
        """Whether the music plays: what its button then does is to pause it."""

    @property
    def deadline(self) -> float | None:
        """When `due` has something to say (s)."""
        return self._next if self._wishes else None

    def takes(self, data: bytes) -> bool:
        """Whether the map says something about a channel message."""
        return bool(self._controllers(data) or self._programs(data))

    def message(self, time: float, data: bytes) -> list[Command]:
        """A channel message that came at `time` (s)."""
        commands = self._programs(data)
        for controller in self._controllers(data):
            if controller.control in ACTIONS:
                commands += self._press(controller, data[2])
            else:
                self._wishes[controller.field] = controller.value(data[2])
        return commands + self.due(time)

    def due(self, time: float) -> list[Command]:
        """What is to be said at `time` (s)."""
        if not self._wishes or time < self._next:
            return []
        wishes, self._wishes = self._wishes, {}
        self._next = time + SPACING_SECONDS
        return [{"set": wishes}]

    def _controllers(self, data: bytes) -> list[Controller]:
        if data[0] & 0xF0 != CONTROL_CHANGE:
            return []
        return [c for c in self._map.controllers if c.number == data[1] and _on(c.channel, data)]

    def _programs(self, data: bytes) -> list[Command]:
        if data[0] & 0xF0 != PROGRAM_CHANGE:
            return []
        fitting = [p for p in self._map.programs if p.number == data[1] and _on(p.channel, data)]
        return [dict(program.command) for program in fitting]

    def _press(self, controller: Controller, position: int) -> list[Command]:
        """Pressed once more, also by a button that does not tell when it is let go."""
        before = self._positions.get(controller, 0)
        self._positions[controller] = position
        if position < PRESSED or PRESSED <= before != position:
            return []
        if controller.control != "play":
            return [{controller.control: True}]
        self.playing = not self.playing
        return [{"play": self.playing}]


def _on(channel: int | None, data: bytes) -> bool:
    return channel is None or channel == (data[0] & 0x0F) + 1
