import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.vocabulary import REST, REST_OCTAVE, TWELFTHS
from stream.compose.polyphony.voicing import pitch_classes
from stream.compose.tunes.implied_chords import TRIADS, implied

UNIT = TWELFTHS.index(12)
C, F, G, A_MINOR, C_MINOR = 1, 6, 8, 22, 13


def tokens(*pitches, unit=UNIT):
    return np.array(
        [(REST, REST_OCTAVE, unit) if p is None else (p, 3, unit) for p in pitches], np.uint8
    ).reshape(-1, 3)


@pytest.mark.parametrize(
    ("pitches", "bar", "mode", "chords"),
    [
        ((0, 4, 7, 4) * 2, 4, "major", [(C, 8)]),
        ((0, 4, 7, 4, 7, 11, 2, 11), 4, "major", [(C, 4), (G, 4)]),
        ((0, 3, 7, 3), 4, "minor", [(C_MINOR, 4)]),
        ((0, 4, 7, 4), 4, "", [(C, 4)]),
        # Half a bar may have its own chord, if it is clear.
        ((0, 4, 7, 0, 5, 9, 0, 5), 8, "major", [(C, 4), (F, 4)]),
        # A bar of three is one span, a bar of six two.
        ((0, 4, 7), 3, "major", [(C, 3)]),
        ((0, 4, 7, 7, 11, 2), 6, "major", [(C, 3), (G, 3)]),
        # A passing note changes nothing.
        ((0, 2, 4, 7), 4, "major", [(C, 4)]),
        # Without notes the usual chord stays.
        ((None,) * 8, 4, "major", [(C, 8)]),
    ],
)
def test_chords_are_those_that_a_melody_implies(pitches, bar, mode, chords):
    assert implied(tokens(*pitches), bar, len(pitches) // bar, mode) == chords


@given(
    st.lists(st.sampled_from([*range(12), None]), min_size=1, max_size=40),
    st.sampled_from([2, 3, 4, 6, 8, 9, 12]),
    st.sampled_from(["major", "minor"]),
)
def test_chords_fill_the_bars_with_triads_of_the_mode(pitches, bar, mode):
    bars = -(-len(pitches) // bar)
    found = implied(tokens(*pitches), bar, bars, mode)
    assert sum(length for _, length in found) == bar * bars
    assert all(a[0] != b[0] for a, b in itertools.pairwise(found))
    roots = {(root, quality) for root, quality in TRIADS[mode]}
    assert {((chord - 1) % 12, (chord - 1) // 12) for chord, _ in found} <= roots
    assert all(len(pitch_classes(chord)) == 3 for chord, _ in found)


def test_no_bars_have_no_chords():
    assert implied(tokens(), 4, 0, "major") == []
