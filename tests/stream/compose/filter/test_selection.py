from functools import partial

import numpy as np
import pytest

from stream.compose.filter import selection
from stream.compose.filter.entropy import FEATURES, NO_NOTES, OPEN, features
from stream.compose.melody.sampler import MelodyCandidates
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, TWELFTHS, encode_pitch
from stream.compose.step import StepState
from stream.music.verdict import Rule

UNIT = 5
"""Class of the duration 1."""
BOUNDS = {"pitch_class": (1.5, 2.5), "length": (0.0, 0.5)}


def candidates(melodies, target):
    """Candidates that play the given (pitch, duration class) pairs."""
    longest = max(map(len, melodies))
    tokens = np.zeros((longest, len(melodies), 3), np.int64)
    for k, melody in enumerate(melodies):
        for t, (pitch, duration) in enumerate(melody):
            tokens[t, k] = (*encode_pitch(pitch), duration)
    counts = np.array([len(m) for m in melodies])
    elapsed = np.array([sum(TWELFTHS[d] for _, d in m) for m in melodies])
    end_states = tuple(StepState(tokens[-1, k : k + 1], ()) for k in range(len(melodies)))
    return MelodyCandidates(tokens, counts, elapsed, target, end_states)


DRONE = [(60, UNIT)] * 4
CHORD = [(60, UNIT), (64, UNIT), (67, UNIT), (72 - 1, UNIT)]
SCALE = [(62, UNIT), (64, UNIT), (65, UNIT), (67, UNIT)]
LATE = [*CHORD[:3], (71, 8)]


def melodies(found):
    return [found.melody(k) for k in range(len(found))]


def bar_lines(found):
    return selection.bar_line_rules(found.overshoot(k) for k in range(len(found)))


def judge(found, bounds, past=NO_NOTES):
    entropies = selection.entropy_rules(melodies(found), past, bounds)
    return selection.choose(selection.combined(entropies, bar_lines(found)))


def test_the_first_that_passes_every_rule_plays():
    best, verdict = judge(candidates([DRONE, CHORD, SCALE], 48), BOUNDS)
    assert (best, verdict.candidates, verdict.accepted, verdict.passed) == (1, 3, 2, True)
    assert verdict.rules == (
        Rule("pitch_class", 2.0, 1.5, 2.5),
        Rule("length", 0.0, 0.0, 0.5),
        Rule("bar_line", 0.0, 0.0, 0.0),
    )


def test_where_none_passes_the_least_bad_plays_and_is_counted():
    best, verdict = judge(candidates([LATE, DRONE], 48), BOUNDS)
    assert (best, verdict.accepted, verdict.passed) == (1, 0, False)
    assert [r.name for r in verdict.rules if not r.passed] == ["pitch_class"]


def test_a_phrase_beyond_the_bar_line_gives_way():
    best, verdict = judge(candidates([LATE, SCALE], 48), {})
    assert (best, verdict.accepted) == (1, 1)


def test_the_rules_hear_the_tune_so_far():
    """After a drone even a scale leaves the tune monotonous; a window of eight exists by now."""
    drone = (np.full(12, 60), np.full(12, 12))
    bounds = {"pitch_class": (1.5, 4.0), "pitch_min_8": (0.5, 3.0), "pitch_min_32": (1.0, 5.0)}
    (alone,) = selection.entropy_rules(melodies(candidates([SCALE], 48)), NO_NOTES, bounds)
    (after,) = selection.entropy_rules(melodies(candidates([SCALE], 48)), drone, bounds)
    assert alone == (Rule("pitch_class", 2.0, 1.5, 4.0),)
    (row,) = features([candidates([SCALE], 48).melody(0)], drone)
    bits = row[FEATURES.index("pitch_class")]
    assert after == (Rule("pitch_class", bits, 1.5, 4.0), Rule("pitch_min_8", 0.0, 0.5, 3.0))
    assert bits < 1.5


def test_a_hole_in_the_music_is_measured_in_bars():
    rest = (-1, 8)  # two units
    found = candidates([SCALE, [SCALE[0], rest, rest, SCALE[1], rest], [rest]], 48)
    found.tokens[found.tokens[..., 1] < 0] = (REST, REST_OCTAVE, 8)
    silences = [found.silences(k) for k in range(len(found))]
    rules = selection.silence_rules(silences, bar=4 * 12)
    assert rules == [(Rule("silence", bars, 0.0, 1.0),) for bars in (0.0, 1.0, 0.5)]
    assert not selection.silence_rules(silences, bar=3 * 12)[1][0].passed


def test_a_tune_closes_on_a_long_note():
    found = [*melodies(candidates([SCALE, LATE], 48)), NO_NOTES]
    rules = selection.closing_rules(found, 1.5)
    assert [(rule.value, rule.passed) for (rule,) in rules] == [(1, False), (2, True), (0, False)]


def test_open_bounds_are_no_rule():
    assert OPEN == (0.0, 16.0)  # as shipped voices write it
    bounds = {"pitch": OPEN, "length": (0.0, 1.0)}
    (rules,) = selection.entropy_rules(melodies(candidates([SCALE], 48)), NO_NOTES, bounds)
    assert [rule.name for rule in rules] == ["length"]


def test_an_excess_counts_in_proportion_to_its_bound():
    """Four notes too many of twelve are less than half a bit missing from half a bit."""
    copied = (Rule("longest_run", 16.0, 0.0, 12.0),)
    dull = (Rule("pitch", 0.0, 0.5, 4.0),)
    assert selection.choose([dull, copied])[0] == 1
    assert selection.excess(copied) == 4 / 12
    assert selection.excess(dull) == 0.5
    assert selection.excess(copied + dull) == 4 / 12 + 0.5


def test_a_copy_is_worse_than_any_entropy():
    copied, heard = (Rule("copied_run", 10.0, 0.0, 9.0),), (Rule("heard_before", 1.0, 0.0, 0.0),)
    dull = (Rule("pitch", 0.0, 0.5, 4.0), Rule("length", 9.0, 0.5, 4.0))
    assert selection.choose([copied, heard, dull])[0] == 2


def test_the_verdict_tells_the_choice_and_what_the_others_broke():
    kept, broken = Rule("bar_line", 0.0, 0.0, 0.0), Rule("bar_line", 1.0, 0.0, 0.0)
    dull = Rule("pitch", 0.5, 1.0, 3.0)
    best, verdict = selection.choose([(broken, dull), (broken,), (kept,), (kept, dull), (kept,)])
    assert (best, verdict.chosen, verdict.candidates, verdict.accepted) == (2, 2, 5, 2)
    assert dict(verdict.rejected) == {"bar_line": 2, "pitch": 2}


@pytest.mark.parametrize(
    ("density", "chosen"), [(-1.0, 4), (-0.5, 2), (-0.1, 1), (0.5, 5), (1.0, 3)]
)
def test_density_is_a_quantile_of_the_notes_of_those_that_pass(density, chosen):
    melodies = [(np.zeros(n), np.zeros(n)) for n in (99, 20, 12, 40, 10, 30)]
    rules = [(Rule("bar_line", float(k == 0), 0.0, 0.0),) for k in range(6)]
    best, verdict = selection.choose(rules, partial(selection.by_density, density, melodies))
    assert best == verdict.chosen == chosen


@pytest.mark.parametrize("name", ["heard_before", "copied_run", "bar_line", "silence"])
def test_a_rule_that_is_essential_outweighs_all_others(name):
    """No copies, no lost beat, no holes: rather every entropy out of its bounds."""
    broken = (Rule(name, 1.5, 0.0, 1.0),)
    dull = tuple(Rule(f"entropy_{i}", 9.0, 0.0, 1.0) for i in range(9))
    assert selection.choose([broken, dull])[0] == 1
    assert selection.badness(broken) == (1, 1, 0.5)
    assert selection.badness(dull) == (0, 9, 72.0)
    assert selection.badness((*broken, *broken, *dull))[:2] == (2, 11)
    kept = (Rule(name, 1.0, 0.0, 1.0),)
    assert selection.choose([broken, dull, kept])[0] == 2
    assert selection.badness(kept) == (0, 0, 0.0)


@pytest.mark.parametrize("name", ["last_note", "pitch", "length_step_min_8"])
def test_other_rules_are_counted_alike(name):
    one, two = Rule(name, 9.0, 0.0, 1.0), Rule("other", 2.0, 0.0, 1.0)
    assert selection.choose([(one, two), (one,)])[0] == 1
    assert selection.choose([(one,), (two,)])[0] == 1
    assert selection.badness((one,)) == (0, 1, 8.0)


def test_of_those_that_are_as_bad_the_first_plays():
    rules = (Rule("pitch", 2.0, 0.0, 1.0),)
    assert [selection.choose([rules] * n)[0] for n in (1, 2, 3)] == [0, 0, 0]


def test_a_wish_is_asked_only_of_the_best():
    """Those that break as few essential rules and as few in all: however far outside they are."""
    near, far = Rule("pitch", 1.5, 0.0, 1.0), Rule("pitch", 9.0, 0.0, 1.0)
    lost = Rule("bar_line", 1.0, 0.0, 0.0)
    asked = []

    def last(among):
        asked.append(list(among))
        return among[-1]

    table = [(near, near), (far,), (near,), (lost,), (far,)]
    best, verdict = selection.choose(table, last)
    assert (asked, best, verdict.chosen) == ([[1, 2, 4]], 4, 4)
    assert verdict.rules == (far,)


def test_the_excess_below_a_bound_is_a_share_of_that_bound():
    assert selection.excess((Rule("a", 1.0, 4.0, 100.0),)) == 3 / 4
    assert selection.excess((Rule("a", 150.0, 4.0, 100.0),)) == 50 / 100
    assert selection.excess((Rule("a", 0.2, 0.5, 4.0),)) == 0.3
    assert selection.excess((Rule("a", -3.0, -2.0, 4.0),)) == 1 / 2
    assert selection.excess((Rule("a", 4.0, 4.0, 100.0),)) == 0


def test_where_a_phrase_ends_is_told_in_units():
    found = candidates([SCALE, LATE], 36)
    assert bar_lines(found) == [
        (Rule("bar_line", 1.0, 0.0, 0.0),),
        (Rule("bar_line", (found.elapsed[1] - 36) / 12, 0.0, 0.0),),
    ]


def test_the_longest_note_there_is_closes_a_tune():
    (rules,) = selection.closing_rules([(np.array([60, 62]), np.array([6, max(TWELFTHS)]))], 1.0)
    assert rules == (Rule("last_note", max(TWELFTHS) / 12, 1.0, max(TWELFTHS) / 12),)
    assert rules[0].passed


def test_the_rules_of_a_candidate_stand_together():
    a, b, c, d = (Rule(name, 0.0, 0.0, 1.0) for name in "abcd")
    assert selection.combined([(a,), (b,)], [(c,), ()], [(), (d,)]) == [(a, c), (b, d)]


@pytest.mark.parametrize(("density", "chosen"), [(-1.0, 3), (0.0, 1), (1.0, 0)])
def test_density_counts_only_those_it_may_choose_among(density, chosen):
    melodies = [(np.zeros(n), np.zeros(n)) for n in (30, 20, 99, 10, 1)]
    assert selection.by_density(density, melodies, [0, 1, 3]) == chosen
