import numpy as np
import pytest

from export.blues.forms import CHORDS, FORMS, QUALITIES, STYLES, chord_class, chord_tones, form
from stream.compose.polyphony import voicing


def test_chords_are_those_of_the_runtime():
    for name, (number, tones) in QUALITIES.items():
        assert voicing.QUALITIES[number][1] == tones, name
    for chord in CHORDS:
        assert chord_tones(chord) == voicing.pitch_classes(chord)


@pytest.mark.parametrize("style", STYLES)
def test_forms_have_twelve_bars_and_begin_at_home(style):
    chords = form(style)
    assert chords.shape == (24,)
    assert (chords[0] - 1) % 12 == 0
    assert np.isin(chords, CHORDS).all()


def test_forms_differ():
    assert len({form(style).tobytes() for style in FORMS}) == len(FORMS)


def test_a_bar_may_have_two_chords():
    assert form("jazz")[6:8].tolist() == [chord_class("Gm7"), chord_class("C7")]
    assert chord_class("F#dim7") == 1 + 12 * 6 + 6
