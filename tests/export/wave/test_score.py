"""Arrangements and the synthesizer of the project's own."""

import numpy as np
import pytest

from export.wave import measures, synth
from export.wave.score import ARRANGEMENTS, BASS, DRUMS, EIGHTH, SOPRANO, Score, Tone

CHORALE = [
    Tone(start, start + 1.0, pitch, 90, part)
    for start, pitch, part in (
        (0, 72, 0), (0, 67, 1), (0, 60, 2), (0, 48, 3), (1, 74, 0), (1, 43, 3),
    )
]  # fmt: skip


def test_the_electronic_arrangement_keeps_to_the_grid():
    score = ARRANGEMENTS["electronic"](CHORALE, 2.0, 1)
    assert {tone.part for tone in score.tones} == {SOPRANO, BASS}
    assert all((tone.start / EIGHTH).is_integer() for tone in score.tones)
    assert [t.pitch for t in score.tones if t.part == BASS] == [48] * 4 + [43] * 4
    assert score.room == 0


def test_the_band_plays_all_parts_and_drums_out_of_step():
    score = ARRANGEMENTS["band"](CHORALE, 2.0, 1)
    assert {tone.part for tone in score.tones} == {0, 1, 2, 3, DRUMS}
    assert not all((tone.start / EIGHTH).is_integer() for tone in score.tones)
    assert score == ARRANGEMENTS["band"](CHORALE, 2.0, 1)


@pytest.mark.parametrize("style", ARRANGEMENTS)
def test_the_synthesizer_sounds_as_long_as_the_score_and_never_too_loud(style):
    sound = synth.sound(ARRANGEMENTS[style](CHORALE, 2.0, 1), 11_025)
    assert len(sound) == 22_050
    assert np.abs(sound).max() == pytest.approx(0.7, abs=1e-3)


def test_the_synthesizer_plays_the_pitch_that_is_written():
    score = Score((Tone(0.0, 1.0, 69, 127, SOPRANO),), ((SOPRANO, 73),), 1.0, 0.0)
    spectrum = measures.magnitudes(synth.sound(score, 8000)).mean(axis=0)
    assert np.argmax(spectrum) * 8000 / measures.WINDOW == pytest.approx(440, abs=16)
