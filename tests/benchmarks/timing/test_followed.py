import pytest

from benchmarks.timing.followed import Captured, errors

MUSIC = [(0.0, 60), (3.5, 62), (4.0, 64), (5.5, 65), (6.0, 67)]


def captured(pitches, late):
    """Return the notes at 120 bpm from 10 s on, each delayed by `late` (s)."""
    beats = (beat for beat, _ in MUSIC)
    times = [10.0 + beat / 2 + by for beat, by in zip(beats, late, strict=False)]
    return Captured(list(zip(times, pitches, strict=True)), [], [], [], 10.0)


def test_notes_after_the_first_beats_are_measured_against_their_own_beats():
    found = errors(captured([60, 62, 64, 65], [0.5, 0.1, 0.003, -0.001]), MUSIC, 120)
    assert found == pytest.approx([3.0, 1.0])


def test_other_music_than_rendered_raises():
    with pytest.raises(RuntimeError, match="other music"):
        errors(captured([60, 62, 63], [0, 0, 0]), MUSIC, 120)
