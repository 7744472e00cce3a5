import math

import numpy as np

from stream.compose.filter.selection import silence_rules
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.features import BARS, ENTROPIES
from stream.compose.polyphony.rules import closing_rules, feature_rules, measure
from stream.music.verdict import Rule

BAR = 4
A, B, REST = [45, 40, 35, 20], [47, 40, 32, 20], [0, 0, 0, 0]
NO_NOTES = np.zeros((0, 4), np.int64)


def frames(*rows):
    return np.array(rows, np.int64)


def test_the_excerpt_is_the_last_four_bars():
    past, candidate = frames(*[A, B] * 10), frames(*[A] * 6)
    (row,) = measure(CHORALE, past, [candidate], BAR)
    assert row == CHORALE.features(np.concatenate([past[-10:], candidate]))
    (longer,) = measure(CHORALE, past, [frames(*[A] * 20)], BAR)
    assert longer["chord_entropy"] == 0.0


def test_less_than_an_excerpt_has_no_entropies():
    (row,) = measure(CHORALE, NO_NOTES, [frames(*[A, B] * 4)], BAR)
    assert {name for name in CHORALE.feature_names if math.isnan(row[name])} == set(ENTROPIES)
    (whole,) = measure(CHORALE, frames(*[B] * 8), [frames(*[A] * (BARS * BAR - 8))], BAR)
    assert not any(math.isnan(value) for value in whole.values())


def test_rules_of_features():
    rows = [dict.fromkeys(CHORALE.feature_names, 1.0) | {"chord_entropy": math.nan}]
    bounds = {"density": (2.0, 4.0), "chord_entropy": (1.0, 2.0)}
    assert feature_rules(CHORALE, rows, bounds) == [(Rule("density", 1.0, 2.0, 4.0),)]


def test_silence_is_counted_in_bars():
    candidates = [frames(A, REST, REST, REST, REST, REST, A, REST), frames(A, B)]
    silences = [(~CHORALE.sounds(candidate)).tolist() for candidate in candidates]
    assert silence_rules(silences, BAR) == [
        (Rule("silence", 1.25, 0.0, 1.0),),
        (Rule("silence", 0.0, 0.0, 1.0),),
    ]


def test_the_last_chord():
    candidates = [frames(A, B, B, B), frames(A, A), frames(B, REST)]
    found = [rule for (rule,) in closing_rules(CHORALE, candidates, 3.0)]
    assert [rule.value for rule in found] == [3.0, 2.0, 0.0]
    assert [rule.passed for rule in found] == [True, False, False]
