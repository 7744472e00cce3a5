import numpy as np
import pytest

from export.blues import bass, licks
from export.blues.choruses import BELOW, chorus, line
from export.blues.forms import BAR, BEAT, CHORUS, HALF, STYLES, chord_tones, form


def test_a_line_of_three_notes():
    expected = np.zeros(CHORUS, np.int64)
    expected[0], expected[8], expected[20], expected[24] = 60 - 19, 62 - 19, 64 - 19, 1
    assert (line([(0, 8, 60), (8, 30, 62), (20, 4, 64)]) == expected).all()


@pytest.mark.parametrize("style", STYLES)
def test_choruses_are_in_range_and_on_their_chords(style):
    rng = np.random.default_rng(0)
    for _ in range(5):
        frames = chorus(style, rng)
        assert frames.shape == (CHORUS, 3)
        assert (frames[:, 1] == form(style).repeat(HALF)).all()
        for column, low, high in ((0, licks.LOW, licks.HIGH), (2, bass.LOW, bass.HIGH)):
            struck = frames[frames[:, column] > 1, column] + BELOW
            assert low <= struck.min() <= struck.max() <= high


def test_a_walking_bass_has_roots_where_chords_change_and_steps_into_them():
    chords, close, count = form("jazz"), 0, 0
    for seed in range(10):
        events = bass.bass_line("jazz", chords, np.random.default_rng(seed))
        for frame, _, pitch in events:
            half = frame // HALF
            if frame % HALF == 0 and chords[half] != chords[half - 1]:
                assert pitch % 12 == chord_tones(int(chords[half]))[0]
                before = [p for f, _, p in events if f < frame]
                count += bool(before)
                close += bool(before) and abs((pitch - before[-1] + 6) % 12 - 6) <= 1
    assert close > 0.5 * count


def test_eighths_swing():
    frames = np.concatenate([chorus("jazz", np.random.default_rng(s))[:, 0] for s in range(20)])
    places = np.bincount(np.flatnonzero(frames > 1) % BEAT, minlength=BEAT)
    assert places[5] > 0.25 * places.sum()
    assert places[4] == 0


def test_a_question_comes_back_over_the_fourth():
    rng = np.random.default_rng(0)
    player = licks.Soloist("minor", form("minor"), rng)
    licks._questions(player, rng)
    begun = [{f % (4 * BAR) for f, _, _ in player.events if f // BAR in bars} for bars in
             ((0, 1), (4, 5))]  # fmt: skip
    assert begun[0] == begun[1] != set()


def test_the_same_seed_gives_the_same_chorus():
    one, same, other = (chorus("major", np.random.default_rng(s)) for s in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
