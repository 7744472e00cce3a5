"""Many hours of the stream, tune by tune, with counts of its phrases."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.music.tunes import Tune, played
from stream.compose.composer import Composer
from stream.compose.filter.entropy import NoteSeries
from stream.music.note import Controls, ticks_to_seconds


@dataclass(frozen=True, slots=True)
class Played:
    """A tune of the stream, with its times."""

    style: str
    melody: NoteSeries
    begin: float
    """Seconds of music from the start of the stream."""
    end: float


@dataclass(slots=True)
class Tally:
    """Counts over phrases."""

    phrases: int = 0
    repeats: int = 0
    """Phrases that repeat an earlier one, so that nothing is composed."""
    batches: float = 0.0
    """Batches of candidates for all other phrases."""
    least_bad: int = 0
    """Other phrases without a passing candidate."""
    broken: Counter[str] = field(default_factory=Counter)
    """Number of these phrases that broke each rule."""
    off_bar: int = 0
    """Phrases that do not end on a bar line."""
    silent: int = 0
    """Phrases without a note."""

    @property
    def new(self) -> int:
        """Return the number of newly composed phrases."""
        return self.phrases - self.repeats

    def add(self, tune: Tune, candidates: int) -> None:
        """Count a tune whose batches hold so many candidates."""
        self.off_bar += tune.broken_bars()
        for phrase in tune.phrases:
            verdict = phrase.verdict
            self.phrases += 1
            self.silent += not phrase.notes
            self.repeats += verdict.candidates == 0
            self.batches += verdict.candidates / candidates
            if verdict.candidates and not verdict.accepted:
                self.least_bad += 1
                self.broken.update(rule.name for rule in verdict.rules if not rule.passed)


@dataclass(frozen=True, slots=True)
class LongRun:
    """A stream of whole tunes, and the time it took."""

    tunes: list[Played]
    tally: Tally
    wall: float
    """Wall-clock time (s)."""
    processor: float
    """Processor time of this process (s)."""

    @property
    def hours(self) -> float:
        """Hours of music."""
        return self.tunes[-1].end / 3600


def run(composer: Composer, seed: int, controls: Controls, hours: float) -> LongRun:
    """Play the stream until the first tune that ends after so many hours of music."""
    tunes, tally, now = list[Played](), Tally(), 0.0
    wall, processor = time.perf_counter(), time.process_time()
    for tune in played(composer, seed, controls):
        bpm = controls.tempo(tune.phrases[0])
        begin, now = now, now + ticks_to_seconds(tune.begins[-1], bpm)
        tunes.append(Played(tune.style, tune.melody, begin, now))
        tally.add(tune, controls.candidates)
        if now >= 3600 * hours:
            break
    return LongRun(tunes, tally, time.perf_counter() - wall, time.process_time() - processor)
