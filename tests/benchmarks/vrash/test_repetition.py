import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.vrash.repetition import ALL, REPEATS, RUN, longest_run, repeats, repetition
from stream.compose.melody.vocabulary import REST, REST_OCTAVE


def tune(*pitches):
    """Events of one unit; None is a rest."""
    rest = (REST, REST_OCTAVE, 5)
    events = [rest if p is None else (p % 12, p // 12 - 2, 5) for p in pitches]
    return np.array(events, np.uint8)


@given(st.lists(st.integers(0, 3), max_size=30))
def test_longest_run_is_the_longest(series):
    runs = [n for n in range(1, len(series) + 1)
            for i in range(len(series) - n + 1) if len(set(series[i : i + n])) == 1]  # fmt: skip
    assert longest_run(np.array(series)) == max(runs, default=0)


def test_repetition_is_counted_within_tunes_and_past_rests():
    tunes = [tune(60, 60, None, 60, 62), tune(62, 60, 62)]
    assert repeats(tunes) == pytest.approx(2 / 5)


def test_there_is_a_record_for_each_style_and_one_for_all():
    seeds = [
        {"folk": [tune(60, 60, 60)], "bach": [tune(60, 62, 64)]},
        {"folk": [tune(60, 60, 62)], "bach": [tune(60, 62, 62)]},
    ]
    found = {(r.set, r.measure): (r.value, r.n) for r in repetition("LM", seeds)}
    assert found == {
        (ALL, REPEATS): (0.5, 2), (ALL, RUN): (2.0, 2), ("folk", REPEATS): (0.75, 2),
        ("folk", RUN): (2.5, 2), ("bach", REPEATS): (0.25, 2), ("bach", RUN): (1.5, 2),
    }  # fmt: skip
