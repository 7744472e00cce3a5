import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.music.real import neutral
from benchmarks.music.real.neutral import Neutral, excerpt, excerpts, heads
from benchmarks.music.tunes import Tune
from stream.compose.melody.vocabulary import encode
from stream.compose.tunes.tune import Melody
from stream.music.note import Note, Phrase
from stream.music.verdict import Verdict

UNIT, BAR = 24, 96


def real(notes, bar=BAR):
    tokens = np.array(encode(notes, UNIT), np.uint8)
    return Melody(tokens, "a tune", "even", 7, UNIT, bar // UNIT, "", "valid")


def played(notes, unit=UNIT):
    phrase = Phrase(tuple(notes), notes[-1].end, 120.0, 0, 0, "even", "tiny", 1, BAR, Verdict())
    return Tune((phrase,), unit)


def scale(duration, count=9):
    return [Note(duration * i, duration, 60 + i) for i in range(count)]


def listed(tune):
    return [tune.pitch.tolist(), tune.onset.tolist(), tune.duration.tolist(), tune.bar, tune.unit]


def test_a_real_and_a_composed_tune_of_the_same_notes_are_the_same():
    notes = [*scale(24, 6), Note(168, 48, 70), Note(216, 12, 71)]  # a rest before the 70
    one, other = neutral.of_melody(real(notes)), neutral.of_tune(played(notes), -1)
    assert listed(one) == listed(other) == [
        [60, 61, 62, 63, 64, 65, 70, 71],
        [0, 12, 24, 36, 48, 60, 84, 108],
        [12] * 6 + [24, 6],
        48,
        12,
    ]  # fmt: skip
    assert (one.group, other.group) == (7, -1)


def test_the_unit_is_the_median_duration_whatever_the_composer_called_a_unit():
    halves = neutral.of_tune(played(scale(48)), 0)
    assert listed(halves)[3:] == [48, 24]


def test_a_tune_without_known_bars_is_left_out():
    assert neutral.of_melodies([real(scale(24)), real(scale(24), bar=0)])[0].bar == 48
    assert len(neutral.of_melodies([real(scale(24)), real(scale(24), bar=0)])) == 1


def test_an_excerpt_begins_at_its_bar_and_on_a_fixed_pitch():
    tune = neutral.of_melody(real(scale(36)))
    assert heads(tune, 3).tolist() == [0, 3, 6]
    part = excerpt(tune, 3, 3)
    assert listed(part) == [[60, 61, 62], [6, 24, 42], [18] * 3, 48, 18]
    assert part.bars_before == 1


def line(count, bar, step):
    onset = np.arange(count) * step
    return Neutral(np.arange(count) % 20 + 50, onset, np.full(count, step), bar, step)


@given(st.integers(20, 60), st.integers(2, 9), st.integers(4, 24), st.integers(1, 4))
def test_excerpts_are_whole_distinct_and_from_bar_lines(count, beats, notes, each):
    tune = dataclasses.replace(line(count, 12 * beats, 12), group=3)
    found = excerpts([tune, tune], notes, each, np.random.default_rng(0))
    possible = sum(i % beats == 0 for i in range(count - notes + 1))
    assert len(found) == 2 * min(each, possible)
    assert {len(part) for part in found} <= {notes}
    assert {int(part.onset[0]) for part in found} <= {0}
    one = [part.bars_before for part in found[: len(found) // 2]]
    assert sorted(set(one)) == one


@pytest.mark.parametrize("notes", [10, 100])
def test_tunes_too_short_give_no_excerpt(notes):
    found = excerpts([line(10, 48, 12)], notes, 4, np.random.default_rng(0))
    assert len(found) == (notes == 10)
