import math

import numpy as np
import pytest
from hypothesis import given

from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.lead_frames import LeadFrames
from stream.compose.polyphony.roll_frames import PIANOROLL, listed
from tests.stream.compose.polyphony.test_frames import sequences


def of_parts(*frames):
    """Features of frames of MIDI pitches, 0 for silence."""
    rows = np.array(frames, np.int64)
    return CHORALE.features(np.where(rows, rows - 27, 0))


def of_keys(*frames):
    keys = np.zeros((len(frames), 88), bool)
    for row, pitches in zip(keys, frames, strict=True):
        row[[p - 21 for p in pitches]] = True
    return PIANOROLL.features(listed(keys))


C, F, G = [72, 67, 64, 48], [72, 69, 65, 53], [74, 67, 59, 55]


def test_entropies_of_chords_and_of_their_changes():
    found = of_parts(C, C, F, C, F, G)
    # Chords C F C F G; changes CF FC CF FG.
    assert found["chord_entropy"] == pytest.approx(-(0.8 * math.log2(0.4) + 0.2 * math.log2(0.2)))
    assert found["chord_change_entropy"] == pytest.approx(1.5)
    assert of_parts(C, C)["chord_entropy"] == 0.0


def test_density_and_activity():
    found = of_parts(C, C, [0, 67, 64, 48], [0, 0, 0, 0])
    assert found["density"] == 11 / 4
    assert found["activity"] == 1 / 4
    keys = of_keys([60, 64], [60, 64], [60], [], [60])
    assert keys["density"] == 6 / 5
    assert keys["activity"] == 2 / 5


def test_voice_leading():
    # C to F: 0, 2, 1, 5 semitones; a part that begins or ends moves by none.
    assert of_parts(C, C, F)["voice_leading"] == 2.0
    assert of_parts(C, [0, 69, 64, 48])["voice_leading"] == pytest.approx(2 / 3, abs=1e-6)
    # From the nearest note: 0, 1 and 3.
    assert of_keys([60, 64, 67], [60, 65, 70])["voice_leading"] == pytest.approx(4 / 3, abs=1e-6)


def test_crossings():
    crossed = [67, 72, 64, 48]
    assert of_parts(C, crossed)["crossings"] == 0.5
    assert of_parts([67, 0, 72, 48], [67, 67, 67, 48])["crossings"] == 0.0


def test_parallels():
    fifths = of_parts([72, 69, 65, 60], [74, 69, 67, 60])
    assert fifths["parallels"] == 100.0
    octaves = of_parts([72, 69, 65, 60], [74, 69, 65, 62])
    assert octaves["parallels"] == 100.0
    contrary = of_parts([72, 69, 65, 60], [70, 69, 63, 55])
    assert contrary["parallels"] == 100.0  # the fifth; the octave becomes another
    held = of_parts([72, 69, 65, 60], [72, 70, 65, 60], [72, 70, 65, 60])
    assert held["parallels"] == 0.0
    # One pair of fifths in two changes.
    assert of_parts([72, 69, 65, 60], [74, 69, 67, 60], [74, 71, 67, 60])["parallels"] == 50.0


def test_range():
    assert of_parts([81, 53, 69, 36])["out_of_range"] == 0.0
    assert of_parts([82, 52, 70, 35], [60, 60, 60, 0])["out_of_range"] == pytest.approx(4 / 7)


@given(sequences())
def test_every_feature_has_a_value(found):
    kind, frames = found
    if len(frames):
        values = kind.features(frames)
        assert tuple(values) == kind.feature_names
        assert all(math.isfinite(value) and value >= 0 for value in values.values())
        assert not any(math.copysign(1, value) < 0 for value in values.values())


def test_silence():
    for kind, token in ((CHORALE, 0), (PIANOROLL, 88), (LeadFrames(), 0)):
        silence = np.full((3, len(kind.heads)), token)
        found = kind.features(silence)
        assert {name for name, value in found.items() if value} <= {"rests", "no_chord"}
