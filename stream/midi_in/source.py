"""The base of all MIDI inputs."""

from __future__ import annotations

from collections.abc import Sequence

from stream.midi_in.inbox import Timed
from stream.util.event_wait import File


class Source:
    """An input that can be lost and connected again. Raises nothing but `InputError`."""

    name = ""
    """Name of the input for the listener."""
    check_seconds: float | None = None
    """Seconds between two checks of its presence; None if the system announces changes."""

    def connect(self) -> None:
        """Open the input. Raises `InputError` if it is not available."""
        raise NotImplementedError

    def files(self) -> Sequence[File]:
        """Return the files that are readable when messages or announcements have come."""
        raise NotImplementedError

    def read(self) -> list[Timed]:
        """Return the messages that have come; never wait. Raises `InputError` if it is lost."""
        raise NotImplementedError

    def may_be_available(self) -> bool:
        """Return True if the system has announced something while the input was lost."""
        return False

    def check(self) -> None:
        """Check its presence, every `check_seconds`. Raises `InputError` if it is lost."""

    def close(self) -> None:
        """Close the input; it may be connected again."""
