from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.filter.corruptions import HIGHEST, KINDS, LOWEST, corrupted
from stream.compose.melody.sampler import decode_pitches
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, encode_pitch

NOTE = st.builds(
    lambda pitch, length: (*encode_pitch(pitch), length), st.integers(48, 84), st.integers(0, 10)
)
EVENT = NOTE | st.integers(0, 10).map(lambda length: (REST, REST_OCTAVE, length))
MELODIES = st.tuples(NOTE, st.lists(EVENT, min_size=7, max_size=60)).map(
    lambda parts: np.array([parts[0], *parts[1]], np.int64)
)
SCALE = np.array([(*encode_pitch(p), i % 3) for i, p in enumerate(range(60, 84))], np.int64)


def pitches(events):
    return decode_pitches(events[events[:, 0] != REST]).tolist()


@given(MELODIES, st.sampled_from(sorted(KINDS)), st.integers(0, 99))
def test_a_corruption_is_a_melody_of_as_many_events(events, kind, seed):
    before = events.copy()
    out = KINDS[kind](events, np.random.default_rng(seed))
    assert (events == before).all()
    assert out.shape == events.shape
    assert ((out >= 0) & (out < [13, 8, 11])).all()
    assert ((out[:, 0] == REST) == (out[:, 1] == REST_OCTAVE)).all()
    assert all(LOWEST <= p <= HIGHEST for p in pitches(out))
    assert (out == KINDS[kind](events, np.random.default_rng(seed))).all()


@given(MELODIES, st.integers(0, 99))
def test_order_alone_changes_no_count(events, seed):
    kinds = ("shuffled notes", "shuffled steps", "shuffled lengths")
    made = {kind: KINDS[kind](events, np.random.default_rng(seed)) for kind in kinds}
    assert Counter(map(tuple, made["shuffled notes"].tolist())) == Counter(
        map(tuple, events.tolist())
    )
    assert sorted(made["shuffled lengths"][:, 2]) == sorted(events[:, 2])
    assert (made["shuffled lengths"][:, :2] == events[:, :2]).all()
    steps = [np.diff(pitches(e)) % 12 for e in (events, made["shuffled steps"])]
    assert sorted(steps[0].tolist()) == sorted(steps[1].tolist())


@pytest.mark.parametrize(
    ("kind", "most"), [("one-note loop", 1), ("few-notes loop", 3), ("bar loop", 8)]
)
def test_loops_come_round(kind, most):
    out = KINDS[kind](SCALE, np.random.default_rng(0)).tolist()
    period = next(n for n in range(1, 25) if out[n:] == out[:-n])
    assert period <= most


def test_collapses_leave_one_value():
    rng = np.random.default_rng(0)
    assert len(set(pitches(KINDS["one pitch"](SCALE, rng)))) == 1
    assert len(set(KINDS["one length"](SCALE, rng)[:, 2].tolist())) == 1


def test_four_notes_at_a_time_keep_their_steps():
    out = pitches(KINDS["transposed fragments"](SCALE, np.random.default_rng(0)))
    steps = np.diff(out).reshape(-1)
    assert [steps[i] for i in range(23) if i % 4 != 3] == [1] * 18
    assert {steps[i] for i in range(23) if i % 4 == 3} != {1}


def test_what_changes_nothing_is_no_corruption():
    drone = np.repeat(SCALE[:1], 20, 0)
    rng = np.random.default_rng(0)
    assert corrupted("shuffled notes", drone, rng) is None
    assert corrupted("one pitch", drone, rng) is None
    assert corrupted("random pitches", SCALE, rng) is not None
