"""The speed of composing."""

import pytest

from benchmarks.timing import compose
from stream.voices.spec import read_spec
from tests.benchmarks.music.tunes import OUTLINED, TINY


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_new_phrases_and_steps_of_any_voice_are_timed(voice, monkeypatch):
    monkeypatch.setattr(compose, "CANDIDATES", (1,))
    monkeypatch.setattr(compose, "timed", lambda action, runs: action() and float(runs))
    found = compose.records(voice, 12, 2)
    rates = [r for r in found if r.measure == "composing, x real time"]
    assert [r.set for r in rates] == ["even, K = 16", "odd, K = 16"]
    assert all(r.value > 0 and r.n <= 10 for r in rates)
    assert {r.set for r in found if r.measure == "one step"} == {f"{read_spec(voice).name}, K = 1"}
