"""Tunes as they are written, and their outlines."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import EQUAL, Outline, Return, line, parsed
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, TWELFTHS
from stream.compose.tunes.outlines import LONGEST, SHORTEST, playable, written
from stream.compose.tunes.tune import Melody

UNIT, HALF, TWO, FOUR = (TWELFTHS.index(n) for n in (12, 6, 24, 48))


def bar(*pitches, last=UNIT):
    """A bar of four units, the last of them so long."""
    lengths = [UNIT] * (len(pitches) - 1) + [last]
    return [(p % 12, 3 + p // 12, d) for p, d in zip(pitches, lengths, strict=True)]


def strain(seed):
    """Eight different bars."""
    return [bar(*(1 + (seed * 31 + 7 * i + j * (i + 2)) % 30 for j in range(4))) for i in range(8)]


A, B, C = strain(0), strain(1), strain(2)


def melody(*strains, **fields):
    tokens = np.array([token for each in strains for b in each for token in b], np.uint8)
    given = {
        "title": "t", "style": "folk", "group": 1, "unit": 24, "bar": 4, "mode": "major",
        "split": "",
    }  # fmt: skip
    return Melody(tokens, **(given | fields))


def bars_of(found):
    tokens = [tuple(token) for token in found.tokens.tolist()]
    return [tokens[i : i + 4] for i in range(0, len(tokens), 4)]


@pytest.mark.parametrize(
    ("played", "strains", "kept"),
    [
        ((A,), (0,), (A,)),
        ((A, A), (0, 0), (A,)),
        ((A, A, B, B), (0, 0, 1, 1), (A, B)),
        ((A, B), (0, 1), (A, B)),
        ((A, B, A), (0, 1, 0), (A, B)),
        ((A, A, B, B, A, C), (0, 0, 1, 1, 0, 2), (A, B, C)),
        ((A, A, B[:5]), (0, 0, 1), (A, B[:5])),
        # A strain that is cut short is another one.
        ((A, A[:4]), (0, 1), (A, A[:4])),
    ],
)
def test_each_strain_is_written_once(played, strains, kept):
    found = written(melody(*played))
    assert found.outline.strains == strains
    assert found.outline.lengths == tuple(len(each) for each in kept)
    assert bars_of(found) == [b for each in kept for b in each]
    assert found.outline.counts == (4,) * found.outline.bars


def test_first_and_second_endings_are_one_strain():
    first = [*A[:7], bar(5, 7, 9, 11)]
    second = [*A[:7], bar(5, 7, 9, 12)]
    found = written(melody(first, second, B, B))
    assert found.outline.strains == (0, 0, 1, 1)
    assert bars_of(found) == [*first, *B]
    # The last strain has the ending of its last playing.
    found = written(melody(A, A, [*B[:7], first[7]], [*B[:7], second[7]]))
    assert found.outline.strains == (0, 0, 1, 1)
    assert bars_of(found) == [*A, *B[:7], second[7]]
    # Endings with little in common are two strains.
    other = [*A[:7], bar(25, 27, 29, 24)]
    assert written(melody(first, other)).outline.strains == (0, 1)
    # A strain that is not the last to be written keeps its first ending.
    found = written(melody(first, B, second))
    assert (found.outline.strains, bars_of(found)) == ((0, 1, 0), [*first, *B])


def test_an_incomplete_last_bar_is_no_obstacle():
    short = [*A[:7], A[7][:3]]
    found = written(melody(A, [*A[:7], [*A[7][:2], (*A[7][2][:2], UNIT)]]))
    assert found.outline.strains == (0, 0)
    assert len(found.tokens) == 31
    assert written(melody(short)).outline.lengths == (8,)


def test_a_tune_with_a_note_across_a_cut_is_left_whole():
    # The last note of the first playing sounds into the second, whose first note is later.
    tied = [*A[:7], [*A[7][:3], (*A[7][3][:2], TWO)]]
    later = [A[0][1:], *A[1:]]
    whole = melody(tied, later, B)
    found = written(whole)
    assert found.tokens.tolist() == whole.tokens.tolist()
    assert found.outline.strains == (0, 1, 2)
    assert found.outline.lengths == (8, 8, 8)
    assert found.outline.bars == 24


def test_a_note_tied_into_the_last_strain_does_not_move_it():
    """Only the second playing of the last strain begins late."""
    tied = [*B[:7], [*B[7][:3], (*B[7][3][:2], TWO)]]
    late = [[(2, 3, UNIT), *B[0][2:]], *B[1:]]
    whole = melody(A, tied, late)
    assert written(whole).tokens.tolist() == whole.tokens.tolist()


@given(st.lists(st.sampled_from([A, B, C, [*A[:7], B[7]]]), min_size=1, max_size=8))
def test_the_written_tune_and_its_strains_are_the_tune_that_was_played(played):
    found = written(melody(*played))
    outline = found.outline
    assert parsed(line(outline)) == outline
    bars = bars_of(found)
    assert len(bars) == outline.bars == sum(outline.lengths)
    begins = np.cumsum([0, *outline.lengths])
    for number, each in zip(outline.strains, played, strict=True):
        ours = bars[begins[number] : begins[number] + 8]
        # All but an ending of its own.
        assert ours[:7] == each[:7]
    for at, each in enumerate(outline.returns):
        if each.likeness == EQUAL:
            assert bars[at] == bars[at - each.lag]


def test_an_outline_has_all_that_is_known_of_the_tune():
    rests = [(REST, REST_OCTAVE, UNIT)] * 3
    first = [[A[0][0], *rests], *A[1:]]
    chords = ((-48, 8), (0, 1), (24, 6), (12 * 4 * 8, 8))
    tune = melody(
        first, first, meter="2/4", kind="reel", key=-5, tempo=100.4, mode="minor", chords=chords
    )
    outline = written(tune).outline
    assert (outline.bar, outline.unit, outline.mode, outline.meter) == (4, 24, "minor", "2/4")
    assert (outline.kind, outline.key, outline.tempo) == ("reel", -5, 100)
    assert outline.counts == (1, *[4] * 7)
    # It is the second strain that is written, and its chord.
    assert outline.chords == ((8, 32),)
    assert written(melody(first, B, chords=chords)).outline.chords == ((1, 2), (6, 30), (8, 32))


def test_a_tune_without_chords_has_those_that_it_implies():
    c, g = bar(0, 4, 7, 0), bar(7, 11, 14, 7)
    outline = written(melody([c, c, g, g, c, c, g, c])).outline
    assert outline.chords == ((1, 8), (8, 8), (1, 8), (8, 4), (1, 4))


def outline_of(bars, strains=None, **fields):
    lengths = tuple(min(8, bars - at) for at in range(0, bars, 8))
    return Outline(
        4, 24, "major", strains=strains or tuple(range(len(lengths))), lengths=lengths,
        returns=(Return(),) * bars, counts=(4,) * bars, registers=(5,) * bars, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bars", "strains", "whole", "played"),
    [
        (16, (0, 0, 1, 1), (8, 8), (0, 0, 1, 1)),
        # A bar beyond is left out, and with it a strain of its own; one that lacks is added.
        (17, (0, 0, 1, 1, 2), (8, 8), (0, 0, 1, 1)),
        (18, (0, 1, 2), (8, 8), (0, 1)),
        (15, (0, 0, 1, 1), (8, 8), (0, 0, 1, 1)),
        (12, (0, 0, 1), (8, 4), (0, 0, 1)),
        (19, (0, 1, 2), (8, 8, 4), (0, 1, 2)),
    ],
)
def test_a_playable_outline_has_whole_phrases(bars, strains, whole, played):
    found = playable(outline_of(bars, strains))
    assert (found.lengths, found.strains) == (whole, played)
    assert len(found.returns) == len(found.counts) == sum(whole)
    assert found.returns[bars:] == (Return(),) * (sum(whole) - bars if sum(whole) > bars else 0)
    assert parsed(line(found)) == found


def test_tunes_too_short_too_long_or_in_odd_units_are_not_played():
    assert playable(outline_of(8, (0,))) is None
    assert playable(outline_of(8, (0, 0))) is not None
    assert playable(outline_of(4 * (SHORTEST - 1))) is None
    assert playable(outline_of(4 * SHORTEST)) is not None
    assert playable(outline_of(4 * LONGEST)) is not None
    assert playable(outline_of(4 * (LONGEST + 1))) is None
    assert playable(outline_of(1)) is None
    assert playable(dataclasses.replace(outline_of(16), unit=16)) is None
