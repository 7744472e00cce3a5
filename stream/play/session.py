"""What one performance is to be, live or rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.music.note import Controls

if TYPE_CHECKING:
    from pathlib import Path

    from mido import Message

    from stream.profiles.profile import Profile


@dataclass(frozen=True, slots=True)
class Session:
    """The listener's wishes. The voice is the composer's affair, the outputs are the sinks'."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    minutes: float | None = None
    """Stop at the first phrase end after so many minutes of music; None plays for ever."""
    responsive: bool = False
    """A control that is moved is heard with the next note, not from the next bar on."""
    clock: str = "off"
    """`send`, `follow` or `link`: whose clock it goes by."""
    profile: Profile | None = None
    """The synthesizer that plays."""
    voice: str = ""
    """By name or file."""
    opening: tuple[Message, ...] = ()
    """What sets the synthesizer up."""
    stats: Path | None = None
    """Where to keep the counters as JSON."""

    def complete(self, seconds: float) -> bool:
        """Whether `seconds` of music are all that was wished for."""
        return self.minutes is not None and seconds >= 60.0 * self.minutes
