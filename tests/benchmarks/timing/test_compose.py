"""The speed of composing."""

import pytest

from benchmarks.support import composing_speed
from benchmarks.support.composing_speed import Phrases
from benchmarks.timing import compose
from stream.voices.spec import read_spec
from tests.benchmarks.music.tunes import OUTLINED, TINY


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_new_phrases_and_steps_of_any_voice_are_timed(voice, monkeypatch):
    monkeypatch.setattr(compose, "CANDIDATES", (1,))
    monkeypatch.setattr(compose, "timed", lambda action, runs: action() and float(runs))
    found = compose.records(voice, 3, 2)
    rates = [r for r in found if r.measure == composing_speed.MEASURE]
    assert [r.set for r in rates] == [f"{s}, K = 16" for s in ("even", "odd", "all styles")]
    assert all(r.value > 0 for r in rates)
    assert [r.n for r in rates] == [5, 5, 10]
    assert {r.set for r in found if r.measure == "one step"} == {f"{read_spec(voice).name}, K = 1"}


def test_speed_is_total_music_over_total_time():
    one = Phrases((8.0, 8.0), (1.0, 0.5), (True, False))
    other = Phrases((2.0,), (0.5,), (True,))
    speed, new = composing_speed.records("ours", "here", [one, other], "at least 4")
    # The mean of the phrases' ratios is 9.3, that of the streams' 7.3.
    assert (speed.value, speed.n, speed.paper) == (9.0, 2, "at least 4")
    assert new.value == pytest.approx(10 / 1.5)
