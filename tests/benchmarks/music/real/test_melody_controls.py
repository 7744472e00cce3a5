import numpy as np
import pytest

from benchmarks.music.real import melody_controls
from benchmarks.music.real.melody_controls import MarkovChain, looped, shuffled
from benchmarks.music.real.neutral import Neutral

BAR = 48


def tune(pitches, durations):
    duration = np.array(durations)
    return Neutral(np.array(pitches), np.cumsum(duration) - duration, duration, BAR, 12)


def bars(given):
    """The notes of each bar, by their places in it."""
    bar = given.onset // BAR
    return [
        list(zip(given.onset[bar == b] % BAR, given.pitch[bar == b], strict=True))
        for b in range(bar[-1] + 1)
    ]


def test_shuffled_bars_are_the_same_bars_and_the_broken_one_stays_last():
    plain = tune(range(50, 68), [12] * 18)
    found = shuffled(plain, np.random.default_rng(0))
    assert sorted(bars(found)) == sorted(bars(plain))
    assert bars(found) != bars(plain)
    assert bars(found)[-1] == bars(plain)[-1]
    assert found.onset.tolist() == plain.onset.tolist()


def test_a_note_is_not_held_beyond_the_next_in_a_new_order():
    plain = tune([60, 62, 64, 65, 67], [36, 24, 36, 24, 24])
    found = shuffled(plain, np.random.default_rng(3))
    assert (found.onset + found.duration)[:-1].tolist() <= found.onset[1:].tolist()
    assert sorted(found.pitch.tolist()) == [60, 62, 64, 65, 67]


def test_a_loop_has_two_bars_and_is_as_long_as_its_tune():
    plain = tune(range(40, 70), [12] * 30)
    found = looped(plain, np.random.default_rng(0))
    assert len(found) == 32
    assert bars(found) == bars(found)[:2] * 4
    assert bars(found)[:2] in [bars(plain)[i : i + 2] for i in range(7)]


def test_bars_with_hardly_a_note_make_no_loop():
    assert looped(tune([60, 62], [96, 96]), np.random.default_rng(0)) is None


def test_a_chain_of_one_tune_plays_its_runs_of_four():
    plain = tune([60, 62, 64, 65, 67, 65, 64, 62] * 8, [12, 6, 6, 12, 12] * 12 + [12] * 4)
    found = MarkovChain([plain]).tune(5, np.random.default_rng(0))
    assert len(found) == melody_controls.TUNE_NOTES
    assert found.group == melody_controls.FAR + 5
    runs = [
        set(zip(*(column[i:] for column in (s, t) for i in range(4)), strict=False))
        for s, t in (
            (np.diff(each.pitch, prepend=each.pitch[:1]).tolist(), each.duration.tolist())
            for each in (plain, found)
        )
    ]
    outside = runs[1] - runs[0]
    assert len(outside) <= 8  # where the tune ends, shorter contexts go on


@pytest.mark.parametrize("seed", range(3))
def test_a_chain_keeps_to_its_range(seed):
    plain = tune([60 + 2 * (i % 9) for i in range(40)], [12] * 40)
    found = MarkovChain([plain, tune(range(50, 90), [12] * 40)]).tune(
        0, np.random.default_rng(seed)
    )
    assert found.pitch.min() >= melody_controls.LOWEST
    assert found.pitch.max() <= melody_controls.HIGHEST
