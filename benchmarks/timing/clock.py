"""Following an unsteady MIDI clock: distance of the onsets from the even beat.

    python -m benchmarks.timing.clock

A clock of 24 ticks a beat is made unsteady at random, evenly within plus and minus the jitter. At
each tick from the end of the fourth beat on, a follower predicts an onset half a beat later; the
error is the distance from its true time. Two others stand beside our loop: the tempo of the last
interval, and the mean of the last 24, both counted from the last tick. Finally the real player
follows such a clock, and its notes are captured at the end of a line (`followed`).
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import matplotlib as mpl

from benchmarks import script
from benchmarks.record import RESULTS, Readings, Record, publish
from benchmarks.timing import followed
from stream.midi_in.phase_locked_loop import PhaseLockedLoop

NAME = "clock"
TICKS = 24
"""Clock ticks in a beat."""
AHEAD = TICKS // 2
"""Ticks between the last known tick and the predicted onset."""
LOCKED = 4 * TICKS
BEATS = 64
RUNS = 25
TEMPOS = (60, 120, 200)
JITTERS = tuple(k / 1000 for k in range(6))
GOAL = 0.002
SOLID = (120, 0.003)
"""Tempo and jitter of the steps and drop-outs."""
STEPS = ((120, 122), (120, 140), (140, 120), (60, 200))
SILENCES = (2.0, 10.0)


class Follower(Protocol):
    """A predictor of ticks to come."""

    def tick(self, time: float) -> int: ...

    def onset(self, ahead: int) -> float: ...


class Locked(PhaseLockedLoop):
    """The player's own phase-locked loop."""

    def onset(self, ahead: int) -> float:
        return self.time + ahead * self.interval


class Mean:
    """The mean of the last intervals, from the last tick on."""

    def __init__(self, intervals: int) -> None:
        self._times: deque[float] = deque(maxlen=intervals + 1)

    def tick(self, time: float) -> int:
        self._times.append(time)
        return 1

    def onset(self, ahead: int) -> float:
        first, last = self._times[0], self._times[-1]
        return last + ahead * (last - first) / max(len(self._times) - 1, 1)


FOLLOWERS: dict[str, Callable[[], Follower]] = {
    "phase-locked loop": Locked,
    "last interval": lambda: Mean(1),
    "mean of the last beat": lambda: Mean(TICKS),
}


def even(bpm: float, beats: int, start: float = 0.0) -> list[float]:
    """Return the times of the ticks of a steady clock (s)."""
    return [start + k * 60 / bpm / TICKS for k in range(beats * TICKS + 1)]


def errors(follower: Follower, times: Sequence[float], jitter: float, seed: str) -> list[float]:
    """Return the error of the onset half a beat later, at each tick (s)."""
    shake = random.Random(seed)
    found = []
    for k, time in enumerate(times[:-AHEAD]):
        follower.tick(time + shake.uniform(-jitter, jitter))
        found.append(abs(follower.onset(AHEAD) - times[k + AHEAD]))
    return found


def steady() -> list[Record]:
    """Return the figures of clocks that keep their tempo."""
    records = []
    for name, start in FOLLOWERS.items():
        for bpm in TEMPOS:
            for jitter in JITTERS:
                found = [
                    errors(start(), even(bpm, BEATS), jitter, f"{bpm} {jitter} {run}")[LOCKED:]
                    for run in range(RUNS)
                ]
                records += _errors(name, f"{bpm} bpm, jitter {1000 * jitter:.0f} ms", found, jitter)
    return records


def _errors(name: str, conditions: str, runs: list[list[float]], jitter: float) -> list[Record]:
    mean = Readings(tuple(1000 * sum(run) / len(run) for run in runs))
    worst = 1000 * max(map(max, runs))
    goal = f"below {1000 * GOAL:.0f}" if jitter <= SOLID[1] else None
    return [
        Record(name, conditions, "onset error, mean", "ms", mean.mean, mean.sd, RUNS),
        Record(name, conditions, "onset error, worst", "ms", worst, None, RUNS, goal),
    ]


def changes() -> list[Record]:
    """Return the figures of clocks that change their tempo at once."""
    records = []
    for name, start in FOLLOWERS.items():
        for before, after in STEPS:
            for jitter in (0.0, SOLID[1]):
                late = Readings(tuple(recovery(start(), before, after, jitter, s) for s in runs()))
                conditions = f"{before} to {after} bpm, jitter {1000 * jitter:.0f} ms"
                measure = f"from the change until onsets stay within {1000 * GOAL:.0f} ms"
                records.append(Record(name, conditions, measure, "beats", late.mean, late.sd, RUNS))
    return records


def runs() -> list[str]:
    return [f"run {run}" for run in range(RUNS)]


def step(follower: Follower, before: float, after: float, jitter: float, seed: str) -> list[float]:
    """Return the errors of a follower at each tick after a change of tempo (s)."""
    first = even(before, 16)
    times = first + even(after, 16, first[-1])[1:]
    return errors(follower, times, jitter, seed)[len(first) :]


def recovery(follower: Follower, before: float, after: float, jitter: float, seed: str) -> float:
    """Return after how many of 15.5 beats of the new tempo all onsets are within `GOAL`."""
    found = step(follower, before, after, jitter, seed)
    off = [k for k, error in enumerate(found, 1) if error > GOAL]
    return max(off, default=0) / TICKS


def silences() -> list[Record]:
    """Return the figures of clocks that are silent for a while, and resume at the same tempo."""
    bpm, jitter = SOLID
    records = []
    for silent in SILENCES:
        jumps = []
        for seed in runs():
            shake, loop, count = random.Random(seed), Locked(), -1
            times = even(bpm, 48)
            lost = times[16 * TICKS]
            for k, time in enumerate(times):
                if not lost < time < lost + silent:
                    count += loop.tick(time + shake.uniform(-jitter, jitter))
                    if time >= lost + silent:
                        jumps.append(abs(loop.time - time) + abs(count - k) * loop.interval)
        conditions = f"{bpm} bpm, jitter {1000 * jitter:.0f} ms, silent for {silent:g} s"
        worst = 1000 * max(jumps)
        records.append(
            Record(
                "phase-locked loop", conditions, "error after it, worst", "ms", worst, None, RUNS
            )
        )
    return records


def hour() -> list[Record]:
    """Return the figures of an hour of a clock without jitter."""
    loop, times = Locked(), even(120, 7200)[:-1]
    ticks = sum(loop.tick(time) for time in times)
    off = 1e6 * abs(loop.time - times[-1])
    conditions = "120 bpm, 60 min, jitter 0 ms"
    return [
        Record("phase-locked loop", conditions, "ticks", "", ticks, None, 1, "172,800"),
        Record("phase-locked loop", conditions, "phase error at the end", "us", off, None, 1, "0"),
    ]


def draw(records: Sequence[Record], path: Path) -> None:
    """Draw the worst error over the jitter, and one change of tempo tick by tick."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (shaky, change) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for name, color in zip(FOLLOWERS, ("#15803d", "#c2410c", "#3b82c4"), strict=True):
        for measure, style in (("worst", "-"), ("mean", ":")):
            values = [
                next(r.value for r in records
                     if (r.system, r.measure) == (name, f"onset error, {measure}")
                     and r.set == f"120 bpm, jitter {1000 * jitter:.0f} ms")
                for jitter in JITTERS
            ]  # fmt: skip
            label = name if measure == "worst" else None
            shaky.plot(range(len(JITTERS)), values, style, color=color, label=label)
        found = step(FOLLOWERS[name](), 120, 140, SOLID[1], "picture")
        beats = [k / TICKS for k in range(1, len(found) + 1)]
        change.plot(beats, [1000 * e for e in found], color=color, lw=1, label=name)
    shaky.set(
        xlabel="jitter of the clock at 120 bpm, ± ms",
        ylabel="error of onsets half a beat ahead, ms",
        title="After four beats: the worst; dotted: the mean",
    )
    change.set(
        xlabel="beats after a change from 120 to 140 bpm, jitter ± 3 ms",
        xlim=(0, 8),
        title="A change of tempo",
    )
    for axis in (shaky, change):
        axis.set(yscale="symlog", ylim=(0, 200))
        axis.set_yscale("symlog", linthresh=1)
        axis.axhline(1000 * GOAL, color="#888", lw=0.8, ls="--")
        axis.spines[["top", "right"]].set_visible(False)
    shaky.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def main() -> None:
    """Measure, draw, publish."""
    script.parser(NAME, __doc__).parse_args()
    records = [*steady(), *changes(), *silences(), *hour(), *followed.records()]
    RESULTS.mkdir(exist_ok=True)
    draw(records, RESULTS / f"{NAME}.png")
    publish(NAME, records)


if __name__ == "__main__":
    main()
