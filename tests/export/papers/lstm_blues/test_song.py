import numpy as np

from export.papers.lstm_blues import song


def test_a_chorus_has_its_chords():
    chords = song.chords()
    assert chords.shape == (96, 12)
    assert (chords.sum(1) == 4).all()
    roots = [int(np.flatnonzero(c)[0]) for c in chords[::8]]
    assert roots == [0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0]
    changed = np.flatnonzero((np.diff(chords, axis=0) != 0).any(1)) + 1
    assert changed.tolist() == [8, 16, 32, 48, 56, 64, 72, 80, 84, 88, 92]


def test_the_bars_are_quarters_of_the_scale_and_all_different():
    bars = song.bars()
    assert np.isin(bars, song.SCALE).all()
    assert (bars[..., ::2] == bars[..., 1::2]).all()
    assert (bars[:, 0] != bars[:, 1]).any(-1).all()


def test_songs_are_known_and_others_are_not():
    choices = np.array([[0, 1] * 6, [1] * 12])
    whole = song.songs(choices)
    assert whole.shape == (96, 2, 25)
    assert (whole[..., 12:].sum(-1) == 1).all()
    pitches = whole[..., 12:].argmax(-1).T
    assert song.known(pitches).all()
    pitches[0, 0] = 1
    assert song.known(pitches).sum() == 23
