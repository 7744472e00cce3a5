"""Settings of one performance, live or rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.ensembles.library import Ensembles
from stream.music.note import Controls
from stream.taste.terms import Taste

if TYPE_CHECKING:
    from pathlib import Path

    from mido import Message

    from stream.day.plan import Plan
    from stream.profiles.profile import Profile


@dataclass(frozen=True, slots=True)
class Session:
    """Settings of the listener. The composer loads the voice; the outputs belong to the sinks."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    minutes: float | None = None
    """Minutes of music after which playing stops at the next phrase end; None plays without end."""
    responsive: bool = False
    """True if a moved control is heard from the next note on, not from the next bar on."""
    behind: int = 0
    """Bars by which the band alone follows what a person plays; 0: the voice composes."""
    clock: str = "off"
    """Clock: `send`, `follow`, `link` or `off`."""
    profile: Profile | None = None
    """The synthesizer that plays."""
    ensembles: Ensembles = field(default_factory=Ensembles, compare=False)
    """The ensembles that play, each as it was first read."""
    voice: str = ""
    """Name or file of the voice."""
    opening: tuple[Message, ...] = ()
    """Messages that set up the synthesizer."""
    stats: Path | None = None
    """Path of the JSON file with the counters."""

    taste: Taste = field(default_factory=Taste)
    """Taste of the listener at the start."""
    plan: Plan | None = None
    """Plan of the day; None: each day is as the settings say."""
    configured: Controls | None = None
    """Controls of the settings, which an entry of the day leaves as they are; None: `controls`."""
    usual_voice: str = ""
    """Voice of the settings, which plays unless an entry of the day names another."""
    fade: float | None = None
    """Seconds of the fade at the end; None: none after `minutes`, a usual one after the timer."""
    fade_in: float = 0.0
    """Seconds of the fade at the beginning."""
    every: float = 0.0
    """Minutes from the start of one tune to the start of the next; 0: they follow each other."""

    def complete(self, seconds: float) -> bool:
        """Return True if `seconds` of music reach the requested length."""
        return self.minutes is not None and seconds >= 60.0 * self.minutes
