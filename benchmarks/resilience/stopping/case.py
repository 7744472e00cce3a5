"""How a performance is to end, drawn at random, and what became of it."""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass

SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP}
KILLS = ("SIGKILL, silence", "SIGKILL, next start")
MOMENTS = ("starting", "before the first note", "in a note", "between notes", "composer restarts")
OUTPUTS = ("serial", "port", "virtual", "file", "fluidsynth")
COMPOSERS = ("fake", "fake", "fake", "voice")


@dataclass(frozen=True, slots=True)
class Case:
    """How one performance is to end."""

    number: int
    stop: str
    moment: str
    outputs: tuple[str, ...]
    composer: str
    bpm: int
    jitter: float
    """Seconds, after the moment has come."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    case: Case
    code: int | None
    heard: int
    """Notes that began at a receiver."""
    hanging: int
    """Notes that sound on at a receiver."""
    swept: int
    """Notes that only the channel's "all notes off" has ended."""
    recording: str
    """What is wrong with the recording."""
    failures: int = 0
    """Tries before this one in which the moment to stop did not come."""


def draw(number: int, seed: int) -> Case:
    """One case, always the same for a seed."""
    chance = random.Random(f"{seed} {number}")
    stop = chance.choice((*SIGNALS, *KILLS))
    known = [o for o in OUTPUTS if stop in SIGNALS or o != "virtual"]
    outputs = chance.sample(known, chance.choice((1, 1, 2, 3)))
    moment = chance.choice(MOMENTS)
    composer = chance.choice(COMPOSERS)
    return Case(
        number,
        stop,
        moment,
        tuple(outputs),
        # The voice's tunes hardly pause between notes.
        "fake" if moment == "between notes" else composer,
        chance.choice((120, 240, 300)),
        chance.uniform(0.0, 0.3),
    )
