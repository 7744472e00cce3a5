import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.following.chord_guess import CHORDS, ChordGuess, strength, weights
from stream.music.note import Note

BAR = 192
NOTES = st.lists(
    st.builds(Note, st.integers(-8 * BAR, -1), st.integers(1, 300), st.integers(0, 127)),
    max_size=40,
)


def arpeggio(bar, *pitches):
    """Return a bar of eighths, so many bars before tick 0."""
    return [Note(24 * i - BAR * bar, 24, pitches[i % len(pitches)]) for i in range(8)]


def tune(*bars):
    return [n for i, bar in enumerate(bars) for n in arpeggio(len(bars) - i, *bar)]


C, F, G7 = (60, 64, 67, 72), (65, 69, 72, 77), (67, 71, 74, 77)


@given(NOTES, st.integers(1, 4))
def test_every_bar_gets_a_chord(notes, count):
    found = ChordGuess().next_chords(notes, BAR, count)
    assert len(found) == count
    assert all(0 <= chord < CHORDS for chord in found)


@given(NOTES)
def test_weights_are_the_beats_that_sound(notes):
    found = weights(notes, BAR, 8)
    inside = sum(min(n.end, 0) - n.onset for n in notes)
    assert found.sum() == pytest.approx(inside / 48)


def test_strengths_of_a_bar():
    assert [strength(tick, BAR) for tick in (0, 48, 96, 144, 24)] == [0, 1, 0, 1, 2]
    assert [strength(tick, 144) for tick in (0, 48, 96)] == [0, 1, 1]


@pytest.mark.parametrize("moved", [0, 3, 7])
def test_a_cadence_is_expected_to_close_in_any_key(moved):
    bars = [[p + moved for p in bar] for bar in (C, C, F, G7) * 3]
    assert ChordGuess().next_chords(tune(*bars), BAR, 1) == [moved % 12]


def test_a_tune_that_returns_is_known_by_its_bars():
    """After two rounds of eight bars with an unusual chord, it is expected in the third."""
    odd = (61, 65, 68, 73)

    def expected(*bars):
        heard = [*bars, *bars, *bars[:3]]
        return ChordGuess().guess(weights(tune(*heard), BAR, len(heard))).ahead(0)[1]

    assert expected(C, C, C, odd, C, C, C, C) > 5 * expected(C, C, C, C, C, C, C, C)


def test_what_is_heard_moves_with_the_music():
    guess = ChordGuess()
    heard = weights(tune(C, F, G7, C), BAR, 4)
    moved = weights([n.transposed(5) for n in tune(C, F, G7, C)], BAR, 4)
    one, other = guess.guess(heard).ahead(0), guess.guess(moved).ahead(0)
    assert np.roll(one.reshape(4, 12), 5, axis=1).ravel() == pytest.approx(other, abs=1e-6)
