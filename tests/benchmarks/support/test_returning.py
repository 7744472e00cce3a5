"""What returns within a tune, and what tunes share."""

import numpy as np
import pytest

from benchmarks.music.tunes import Tune
from benchmarks.support.returning import Curve, Reading, counted, shared, written
from stream.music.note import Note, Phrase
from stream.music.verdict import Verdict

SCALE = (60, 62, 64, 65)


def phrase(pitches, *, repeated=False, unit=48):
    """Four bars of four notes each."""
    notes = tuple(Note(unit * i, unit, pitch) for i, pitch in enumerate(pitches))
    return Phrase(
        notes=notes, length=unit * len(notes), bpm=120.0, index=0, tune=0, style="x", voice="x",
        seed=1, bar=4 * unit, verdict=Verdict(candidates=0 if repeated else 16),
    )  # fmt: skip


def tune(*phrases):
    return Tune(phrases, 48)


def test_a_loop_returns_in_all_its_bars_and_a_repeat_is_left_out():
    first = phrase([60 + i for i in range(16)])
    new = phrase([80 - i for i in range(16)])
    loop = written(tune(first, first, phrase(SCALE * 4, repeated=True)))
    assert counted(loop) == {
        "pitch runs": (9, 25), "rhythm runs": (24, 25),
        "pitch bars": (4, 4), "rhythm bars": (4, 4),
    }  # fmt: skip
    assert counted(tune(first, new))["pitch bars"] == (0, 4)
    assert counted(tune(first, new))["rhythm bars"] == (4, 4)
    assert counted(tune(first, new))["pitch runs"] == (0, 25)


def reading(returning, style="x", seed=1, melody=None):
    melody = ([60, 62, 64], [12, 12, 12]) if melody is None else melody
    counts = {"pitch runs": (returning, 10)}
    return Reading(style, seed, counts, tuple(np.array(each) for each in melody))


def test_a_curve_that_rises_and_its_control():
    settings = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    curve = Curve(
        settings, [[reading(2 * i, seed=seed) for seed in range(5)] for i in range(len(settings))]
    )
    assert curve.shares("pitch runs", "x").tolist() == pytest.approx(settings)
    assert curve.rank("pitch runs") == pytest.approx(1.0)
    assert curve.effect("pitch runs") == pytest.approx(1.0)
    mixed = curve.shuffled("pitch runs")
    assert abs(mixed.mean()) < 0.1
    assert np.quantile(mixed, 0.95) < 0.95


def test_runs_that_tunes_share():
    rng = np.random.default_rng(0)
    tunes = [(rng.integers(40, 90, 30), rng.choice([6, 12, 24], 30)) for _ in range(3)]
    alone = [reading(0, melody=melody) for melody in tunes]
    assert shared(alone, 8) == (0.0, 0.0)
    # A tune that returns to itself shares nothing with others.
    looped = reading(0, melody=tuple(np.tile(series, 3) for series in tunes[0]))
    assert shared([looped, *alone[1:]], 8) == (0.0, 0.0)
    share, limit = shared([*alone, alone[0]], 8)
    assert share == pytest.approx(0.5)
    assert limit > share
