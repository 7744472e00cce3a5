"""The paper's experiments: each group of networks is trained and measured once.

`OUT/NAME.json` stores the readings of a group, `OUT/NAME.npz` the notes its first network played,
for the picture.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.support.resume import Facts, cached
from export.papers.lstm_blues import song
from export.papers.lstm_blues.learn import Budget, TrainingResult, learn, plays_cycles
from export.papers.lstm_blues.networks import Chords, Network, Plain, Song
from export.papers.lstm_blues.online import Learner, Online
from export.papers.lstm_blues.play import Played, Player, right

SONG_RATE, SONG_CYCLES = 1e-2, 100
"""Rate and cycles for networks with a melody: it is sampled, so that it needs more cycles."""
SEED_STEPS = 48
"""Steps of a song given to a network with a melody: 24 quarter notes."""


@dataclass(frozen=True, slots=True)
class Group:
    """Networks of one kind that learn side by side."""

    name: str
    title: str
    make: Callable[[], Network]
    seeds: int
    budget: Budget


@dataclass(frozen=True, slots=True)
class Reading:
    """Return the figures of one network."""

    iterations: int
    converged: bool
    loss: float
    chords: float
    """Share of correct chord notes over all choruses."""
    settled: int
    """Chorus from which everything provably repeats; 0 if there is no such chorus."""
    in_scale: float = 1.0
    new_bars: float = 0.0
    training_choruses: int = 0
    """Number of whole melody choruses that occur in the training set."""


def groups(forget_sign: int, iterations: int, seeds: int, controls: int) -> list[Group]:
    """Return all groups of the study."""
    budget = Budget(iterations=iterations)
    return [
        Group("chords", "LSTM, 4 blocks of 2 cells", lambda: Chords(forget_sign), seeds, budget),
        Group(
            "chords-one",
            "LSTM, 4 blocks of 2 cells, stopped by one cycle",
            lambda: Chords(forget_sign),
            seeds,
            replace(budget, cycles=1),
        ),
        Group("plain-8", "tanh RNN, 8 units", lambda: Plain(8), controls, budget),
        Group("plain-24", "tanh RNN, 24 units", lambda: Plain(24), controls, budget),
        Group(
            "song",
            "LSTM, 8 blocks of 2 cells",
            lambda: Song(forget_sign),
            seeds,
            replace(budget, iterations=2 * iterations, rate=SONG_RATE, cycles=SONG_CYCLES),
        ),
    ]


def measured(group: Group, choruses: int, out: Path) -> list[Reading]:
    """Return the readings of a group, stored or new."""

    def compute() -> Facts:
        models = []
        for seed in range(group.seeds):
            torch.manual_seed(seed)
            models.append(group.make())
        learned = learn(models, group.budget)
        played = [play(model, seed, choruses) for seed, model in enumerate(models)]
        out.mkdir(parents=True, exist_ok=True)
        np.savez(out / f"{group.name}.npz", steps=played[0].steps.astype(bool))
        return {"readings": [asdict(reading(*pair)) for pair in zip(learned, played, strict=True)]}

    request = {"seeds": group.seeds, "budget": asdict(group.budget), "choruses": choruses}
    found = cached(out / f"{group.name}.json", request, compute)
    return [Reading(**one) for one in found["readings"]]


def play(model: Network, seed: int, choruses: int) -> Played:
    """Play freely after one step, or after the first notes of a song."""
    rng = np.random.default_rng(seed)
    first = song.songs(rng.integers(2, size=(1, song.BARS)))[:, 0, : model.notes]
    chords_alone = model.notes == song.chords().shape[1]
    return Player(model).play(first[: 1 if chords_alone else SEED_STEPS], choruses, rng)


def reading(learned: TrainingResult, played: Played) -> Reading:
    """Return the figures of one network."""
    found = right(played, song.chords())
    extra: dict[str, float] = {}
    if played.steps.shape[1] > song.chords().shape[1]:
        extra = melodic(played)
    return Reading(
        learned.iterations, learned.converged, learned.loss, float(found.mean()),
        played.settled or 0, **extra,
    )  # type: ignore[arg-type]  # fmt: skip


def melodic(played: Played) -> dict[str, float]:
    """Return the melody's figures, without the first chorus, which begins with given notes."""
    pitches = played.melody.reshape(-1, song.CHORUS)[1:]
    known = song.known(pitches)
    return {
        "in_scale": float(np.isin(pitches, song.SCALE).mean()),
        "new_bars": float(1 - known.mean()),
        "training_choruses": int(known.all(1).sum()),
    }


def online(forget_sign: int, million_steps: float, out: Path) -> dict[str, float]:
    """Return the progress of experiment 1 as the paper trained it, after so many million steps."""
    request = {"forget_sign": forget_sign, "steps": million_steps}
    torch.manual_seed(0)
    return cached(out / "online.json", request, lambda: _online(Chords(forget_sign), million_steps))


def _online(model: Network, million_steps: float) -> Facts:
    learner, steps_done, furthest, songs = Learner(model, Online()), 0, 0, 0
    steps: NDArray[np.float64] = np.tile(song.chords(), (3, 1)).astype(float)
    begun, done = time.process_time(), False
    while steps_done < million_steps * 1e6 and not done:
        lasted = learner.song(steps)
        steps_done, furthest, songs = steps_done + lasted, max(furthest, lasted), songs + 1
        if lasted > song.CHORUS:
            learner.store()
            done = plays_cycles(model, 1)
    return {
        "steps": float(steps_done), "longest": float(furthest), "converged": float(done),
        "cpu_seconds": time.process_time() - begun,
    }  # fmt: skip
