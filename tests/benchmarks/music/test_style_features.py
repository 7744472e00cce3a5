import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.music.style_features import NAMES, STRETCH, stretches, table
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, encode_pitch


def tokens(pitches, durations):
    rest = REST, REST_OCTAVE
    return np.array(
        [(*(encode_pitch(p) if p else rest), d) for p, d in zip(pitches, durations, strict=True)]
    )


def tune(seed, events):
    rng = np.random.default_rng(seed)
    pitch = rng.integers(55, 75, events) * (rng.random(events) > 0.1)
    return tokens(pitch.tolist(), rng.integers(0, 11, events).tolist())


def named(row):
    return dict(zip(NAMES, row, strict=True))


def test_a_scale_up_and_down():
    found = named(table([tokens([60, 62, 64, 0, 62, 60], [5, 5, 8, 5, 5, 5])])[0])
    some = {
        "interval +2": 0.5,
        "interval -2": 0.5,
        "interval +0": 0,
        "interval 2 modulo 12": 0.5,
        "interval 10 modulo 12": 0.5,
        "duration 12/12": 0.8,
        "duration 24/12": 0.2,
        "as long, then longer": 1 / 3,
        "longer, then shorter": 1 / 3,
        "shorter, then as long": 1 / 3,
        "interval onwards": 2 / 3,
        "interval back": 1 / 3,
        "pitch class 1 of the most frequent": 0.4,
        "pitch class 3 of the most frequent": 0.2,
        "pitch class 4 of the most frequent": 0,
        "range": 4,
        "rests": 1 / 6,
        "entropy of pitch_step": 1,
    }
    assert {name: found[name] for name in some} == pytest.approx(some)


@given(st.integers(0, 300), st.integers(4, 200))
def test_stretches_cover_the_tune_and_are_of_one_length(seed, events):
    one = tune(seed, events)
    parts = stretches(one)
    notes = [int((p[:, 0] != REST).sum()) for p in parts]
    every = int((one[:, 0] != REST).sum())
    assert notes == [min(every, STRETCH)] * max((every - STRETCH) // (STRETCH // 2) + 1, 1)


def test_features_do_not_depend_on_key_octave_or_repetition():
    pitches = [60 + i * 7 % 12 for i in range(STRETCH)]
    durations = [5 + i % 3 for i in range(STRETCH)]
    one, other = tokens(pitches, durations), tokens([p + 9 for p in pitches], durations)
    assert table([one])[0] == pytest.approx(table([other])[0])
    rows = table([tune(1, 60), tune(2, 300)])
    assert rows.shape == (2, len(NAMES))
    assert np.isfinite(rows).all()
