import numpy as np
import pytest

from benchmarks.playing import chord_agreement
from export.companions.harmony_songs import Song
from stream.compose.companions.following.chord_guess import ChordGuess
from stream.music.note import Note

BAR = 192
CHORDS = {0: 1, 5: 6, 7: 32}
"""Chord of `voicing` by its root: C, F, G7."""
TONES = {0: (60, 64, 67), 5: (65, 69, 72), 7: (67, 71, 77)}


def song(*roots):
    notes = [
        Note(BAR * bar + 24 * i, 24, TONES[root][i % 3])
        for bar, root in enumerate(roots)
        for i in range(8)
    ]
    chords = np.repeat([CHORDS[root] for root in roots], BAR // 12)
    return Song(tuple(notes), chords, BAR, 48, "jazz", "test")


CADENCES = song(*(0, 0, 5, 7) * 8)


def test_a_song_of_cadences_is_expected():
    found = chord_agreement.hits([CADENCES, song(*(5, 5, 0, 0) * 8)])
    frames = found[""]
    assert frames.tolist() == [31 * 16, 31 * 16]
    ours = found[chord_agreement.NEXT][0]
    assert ours > found[chord_agreement.KEPT][0]
    assert ours > found[chord_agreement.OTHER][0]
    assert found[chord_agreement.ANNOTATED][0] == 16 * sum(
        a == b for a, b in zip((0, 0, 5, 7) * 8, ((0, 0, 5, 7) * 8)[1:], strict=False)
    )
    points, low, high = chord_agreement.gain(
        ours[None], found[chord_agreement.KEPT][:1], frames[:1]
    )
    assert low <= points <= high


@pytest.mark.parametrize("unheard", [0, 48])
def test_nothing_of_the_bar_itself_is_known(unheard):
    """A change of the last bar changes no guess."""
    other = song(*(0, 0, 5, 7) * 7, 0, 0, 5, 0)
    one, two = (
        chord_agreement.guesses(ChordGuess(), each, unheard)[chord_agreement.NEXT]
        for each in (CADENCES, other)
    )
    assert one == two


def test_the_last_beat_is_not_heard():
    heard = [Note(-BAR, BAR, 60), Note(-48, 48, 66)]
    assert chord_agreement._cut(heard, BAR, 48) == [Note(-BAR, BAR - 48, 60)]
