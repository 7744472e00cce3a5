"""The volume of all channels: scales the level that each channel has of its own (controller 7).

At full volume no message is added or changed. A channel of which no level is known is taken to have
the level of General MIDI.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from mido import Message

from stream.play.timing.instrument_messages import LEVEL
from stream.play.timing.scheduler import SETUP, TimedMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

GM_LEVEL = 100
"""Level of a channel of a General MIDI synthesizer that was not told another one."""


class Levels:
    """The levels of the channels: those they have of their own, and those that were sent."""

    def __init__(self) -> None:
        self.share = 1.0
        """Share of its own level, from 0 to 1, at which each channel sounds."""
        self._own: dict[int, int] = {}
        self._sent: dict[int, int] = {}
        self._roles: dict[int, tuple[str, ...]] = {}

    def passed(self, timed: TimedMessage) -> tuple[TimedMessage, ...]:
        """Return the messages to send for one message: a level is scaled, a note set up."""
        message = timed.message
        if message.type == "note_on":
            self._roles[message.channel] = timed.roles
            return (*self._due(message.channel, timed.time), timed)
        if message.type != "control_change" or message.control != LEVEL:
            return (timed,)
        self._roles.setdefault(message.channel, timed.roles)
        self._own[message.channel] = message.value
        level = self._sent[message.channel] = self._level(message.channel)
        if level == message.value:
            return (timed,)
        return (dataclasses.replace(timed, message=message.copy(value=level)),)

    def change(self, share: float, now: float) -> tuple[TimedMessage, ...]:
        """Return the messages that bring all channels to a share of their levels at `now` (s)."""
        self.share = min(max(share, 0.0), 1.0)
        return tuple(timed for channel in self._roles for timed in self._due(channel, now))

    def _due(self, channel: int, time: float) -> Iterator[TimedMessage]:
        """Yield the level of a channel, unless it sounds at that level already."""
        level = self._level(channel)
        if level != self._sent.get(channel, self._own.get(channel, GM_LEVEL)):
            self._sent[channel] = level
            message = Message("control_change", channel=channel, control=LEVEL, value=level)
            yield TimedMessage(time, SETUP, message, self._roles.get(channel, ()))

    def _level(self, channel: int) -> int:
        return round(self.share * self._own.get(channel, GM_LEVEL))
