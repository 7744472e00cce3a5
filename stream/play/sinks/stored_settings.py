"""The settings of channels as they were sent last: a new or replugged device gets them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.play.timing.scheduler import TimedMessage

SETTINGS = ("program_change", "control_change", "pitchwheel")
"""Types of messages that a device stores, and forgets when it is unplugged."""


class StoredSettings:
    """The last message of each setting, in the order in which they were sent."""

    def __init__(self) -> None:
        self._messages: dict[tuple[int, str, int], TimedMessage] = {}

    def __iter__(self) -> Iterator[TimedMessage]:
        return iter(tuple(self._messages.values()))

    def store(self, timed: TimedMessage) -> None:
        """Store a setting of a channel after the earlier ones; ignore any other message."""
        message = timed.message
        if message.type in SETTINGS:
            key = (message.channel, message.type, getattr(message, "control", 0))
            self._messages.pop(key, None)
            self._messages[key] = timed
