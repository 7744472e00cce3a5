"""The end of a performance, drawn at random, and its outcome."""

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
    """The way to end one performance."""

    number: int
    stop: str
    moment: str
    outputs: tuple[str, ...]
    composer: str
    bpm: int
    jitter: float
    """Delay after the moment has come (s)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one case."""

    case: Case
    code: int | None
    begun: int
    """Notes that began at a receiver."""
    hanging: int
    """Notes that still sound at a receiver."""
    swept: int
    """Notes that only the channel's "all notes off" has ended."""
    recording: str
    """Fault of the recording; empty if there is no fault."""
    failures: int = 0
    """Tries before this one in which the moment to stop did not come."""


def draw(number: int, seed: int) -> Case:
    """Return one case, always the same for a seed and number."""
    rng = random.Random(f"{seed} {number}")
    stop = rng.choice((*SIGNALS, *KILLS))
    known = [o for o in OUTPUTS if stop in SIGNALS or o != "virtual"]
    outputs = rng.sample(known, rng.choice((1, 1, 2, 3)))
    moment = rng.choice(MOMENTS)
    composer = rng.choice(COMPOSERS)
    return Case(
        number,
        stop,
        moment,
        tuple(outputs),
        # The tunes of the voice hardly pause between notes.
        "fake" if moment == "between notes" else composer,
        rng.choice((120, 240, 300)),
        rng.uniform(0.0, 0.3),
    )
