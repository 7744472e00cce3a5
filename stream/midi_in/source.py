"""What every MIDI input has in common."""

from __future__ import annotations

from collections.abc import Sequence

from stream.midi_in.inbox import Timed
from stream.util.event_wait import File


class Source:
    """An input that is opened, heard, lost and opened again. Raises nothing but `InputError`."""

    name = ""
    """As the listener calls it."""
    pulse: float | None = None
    """Seconds between two looks whether it is there; None where the system tells."""

    def connect(self) -> None:
        """Open it. Raises `InputError` where it is not there."""
        raise NotImplementedError

    def files(self) -> Sequence[File]:
        """Files that can be read when there is something to take, or news to check."""
        raise NotImplementedError

    def take(self) -> list[Timed]:
        """What has come; never waits. Raises `InputError` if it is lost."""
        raise NotImplementedError

    def news(self) -> bool:
        """Whether it may be there now, for all that the system tells; while it is lost."""
        return False

    def check(self) -> None:
        """The pulse: raises `InputError` if it is lost."""

    def close(self) -> None:
        """Let it go; it may be connected again."""
