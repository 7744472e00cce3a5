import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.person import MOST, PITCHES, Person
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, SIZES

NOTES = st.tuples(st.integers(0, 11), st.integers(0, 6), st.integers(0, 10))
RESTS = st.tuples(st.just(REST), st.just(REST_OCTAVE), st.integers(0, 10))
EVENTS = st.lists(NOTES | RESTS, max_size=12)
ALL = [(p % 12, p // 12, d) for p in range(PITCHES) for d in range(SIZES[2])]
ALL += [(REST, REST_OCTAVE, d) for d in range(SIZES[2])]
MOTIF = [(0, 3, 5), (2, 3, 2), (4, 3, 2), (7, 3, 5)]


@given(EVENTS, EVENTS)
def test_probabilities_are_of_one_event(played, before):
    person = Person(played)
    total = sum(person.probability(before, event) for event in ALL)
    # An interval that leads beyond the pitches of the tokens is never played.
    assert 0.4 < total < 1 + 1e-9
    assert all(person.probability(before, event) > 0 for event in ALL)


@given(EVENTS, EVENTS, NOTES, st.floats(-40, 0))
def test_no_event_loses_more_than_the_bound(played, before, event, log_prob):
    person = Person(played)
    assert 0 <= person.share < MOST
    assert person.gain(before, event, log_prob) >= math.log(1 - MOST)


def test_nobody_changes_nothing():
    assert Person([]).gain([], MOTIF[0], -3.0) == 0.0


def test_a_motif_is_expected_at_any_pitch():
    person = Person(MOTIF * 6)
    here = person.probability(MOTIF[:3], MOTIF[3])
    moved = [(pitch_class + 1, octave, length) for pitch_class, octave, length in MOTIF]
    there = person.probability(moved[:3], moved[3])
    assert here > there > 3 * person.probability(moved[:3], (7, 3, 5))


@pytest.mark.parametrize(("event", "other"), [((0, 2, 5), (0, 5, 5)), ((0, 2, 5), (0, 2, 9))])
def test_register_and_lengths_are_learned(event, other):
    person = Person([(p, 2, 5) for p in (0, 4, 7, 5, 2, 0, 9, 7)])
    assert person.probability([], event) > 4 * person.probability([], other)


def test_what_was_played_last_counts_most():
    old, new = [(0, 3, 5), (4, 3, 5)] * 300, [(0, 3, 5), (7, 3, 5)] * 300
    person = Person(old + new)
    assert person.probability([(0, 3, 5)], (7, 3, 5)) > 2 * person.probability(
        [(0, 3, 5)], (4, 3, 5)
    )
