import numpy as np

from export.corpus.chords.spans import chords_of
from stream.compose.polyphony.voicing import NO_CHORD

C, F, G7 = 1, 1 + 5, 1 + 12 * 2 + 7


def test_a_performance_has_a_label_for_each_beat():
    arrays = {
        "beat_start": np.array([0, 6, 8]),
        "beat_chord_label": np.array([0, 0, 2, 2, 2, 1, 1, 0]),
        "chord_vocabulary": np.array(["C", "NC", "G7"]),
    }
    assert list(chords_of(arrays, 0)) == [(0, C), (96, G7), (240, NO_CHORD)]
    assert list(chords_of(arrays, 1)) == [(0, NO_CHORD), (48, C)]


def test_a_lead_sheet_has_sets_of_pitch_classes_above_roots():
    def mask(*classes):
        return sum(1 << each for each in classes)

    arrays = {
        "chord_start": np.array([0, 3, 4]),
        "chord_onset": np.array([0, 96, 192, 0]),
        "chord_root": np.array([0, 7, 255, 5]),
        "chord_pitch_classes": np.array([mask(0, 4, 7), mask(7, 11, 2, 5), 0, mask(5, 9, 0)]),
    }
    assert list(chords_of(arrays, 0)) == [(0, C), (96, G7), (192, NO_CHORD)]
    assert list(chords_of(arrays, 1)) == [(0, F)]


def test_other_archives_have_no_chords():
    assert list(chords_of({"pitch": np.zeros(3)}, 0)) == []
