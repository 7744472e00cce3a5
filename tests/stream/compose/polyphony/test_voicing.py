import pytest

from stream.compose.polyphony.voicing import CLASSES, NO_CHORD, QUALITIES, named, voiced, voicings


def chord(root, quality):
    return 1 + 12 * [name for name, _ in QUALITIES].index(quality) + root


@pytest.mark.parametrize("quality", [name for name, _ in QUALITIES])
def test_a_chord_is_known_again_by_each_of_its_voicings(quality):
    for root in range(12):
        wanted = chord(root, quality)
        assert {named(pitches) for pitches in voicings(wanted)} == {wanted}


def test_the_lowest_note_tells_chords_of_the_same_notes_apart():
    assert named((48, 52, 55, 57)) == chord(0, "6")
    assert named((45, 48, 52, 55)) == chord(9, "minor7")


def test_notes_that_are_no_chord_are_the_nearest_one():
    assert named((48, 52)) == chord(0, "major")
    assert named((48, 50, 52, 55)) == chord(0, "major")
    assert named(()) == NO_CHORD


def test_every_chord_can_be_voiced_after_every_other():
    before = ()
    for wanted in range(1, CLASSES):
        after = voiced(wanted, before)
        assert named(after) == wanted
        before = after
    assert voiced(NO_CHORD, before) == ()
