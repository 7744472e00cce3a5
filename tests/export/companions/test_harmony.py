"""Songs become pieces as the runtime hears them, and variants of a tune stay together."""

import numpy as np
import pytest

from export.companions.harmony import Cut, Songs, energies, piece_of, scores
from export.companions.harmony_songs import HYMNS, SHEETS, SOLOS, Song, read_songs
from stream.compose.companions.harmonic.tonic import key_of
from stream.compose.companions.harmony import KIND, encoded
from stream.errors import CorpusError
from stream.music.note import Note

MELODY = (60, 64, 67, 64, 65, 62, 71, 60)
CHORDS = (1, 32, 1, 32)
"""C and G7, a bar each."""


def song(split="train", style="song", bars=8):
    notes = tuple(Note(48 * i, 48, MELODY[i % 8]) for i in range(4 * bars))
    chords = np.repeat(np.resize(CHORDS, bars), 16).astype(np.int64)
    return Song(notes, chords, 192, 48, style, split, "Tune")


def test_a_piece_is_what_the_runtime_hears():
    cut = Cut(first=2)
    piece = piece_of(song(), cut)
    parts = list(scores(song(), cut))
    assert [score.length // 192 for score, _ in parts] == [2, 4, 2]
    assert [score.closing for score, _ in parts] == [False, False, True]
    heard = [KIND.context(score, 0, len(chords)) for score, chords in parts]
    assert (piece.context == np.concatenate(heard)).all()
    assert piece.frames[:, 0].sum() == 8
    assert piece.frames[0].tolist() == [1, 1, 1]
    assert piece.frames[16].tolist() == [1, 8, 3]


def test_notes_of_chords_are_read_as_the_tokens_of_training():
    ((score, chords),) = scores(song(bars=4), Cut())
    frames = piece_of(song(bars=4), Cut()).frames
    sounding = {**score.parts, **KIND.decode(frames, score, np.random.default_rng(0))}
    full = type(score)(sounding, score.length, 192, 48, closing=True)
    assert (encoded(full, 0, len(chords), key_of(score)) == frames).all()


def test_epochs_differ_and_held_out_songs_do_not():
    corpus = Songs([song(), song(), song("valid"), song("test")])
    rng = np.random.default_rng(1)
    one, other = corpus.train(rng), corpus.train(rng)
    assert len(one) == 4
    assert any((a.context != b.context).any() for a, b in zip(one, other, strict=True))
    assert (corpus.valid()[0].context == corpus.valid()[0].context).all()
    with pytest.raises(CorpusError, match="no songs"):
        Songs([song("test")])


def test_songs_with_more_changes_have_more_energy():
    calm, usual = song(), song()
    calm.chords[:] = 1
    assert energies([calm, usual]) == [0.25, 0.75]


def archive(path, groups, **more):
    count = len(groups)
    path.parent.mkdir()
    notes = np.tile(MELODY, count)
    onset = np.tile(np.arange(8) * 48, count)
    arrays = {
        "pitch": notes, "onset": onset, "duration": np.full(len(notes), 48),
        "tune_start": np.arange(count + 1) * 8, "ticks_per_quarter": 48,
        "meter": np.full(count, "4/4"), "title": np.array([f"Tune {g}" for g in groups]),
        "variant_group": np.array(groups), **more,
    }  # fmt: skip
    np.savez(path, **arrays)


def corpora(folder):
    count = 6
    archive(
        folder / SHEETS, range(count), first_bar_missing=np.zeros(count, int),
        genre=np.full(count, "Pop"), chord_start=np.arange(count + 1) * 2,
        chord_onset=np.tile([0, 192], count), chord_root=np.tile([0, 7], count),
        chord_pitch_classes=np.tile([0b10010001, 0b100010000100], count),
    )  # fmt: skip
    groups = [5, 0, 90, 91]
    archive(
        folder / HYMNS, groups, part=np.zeros(32, int), divided=np.zeros(32, int),
        pickup=np.zeros(4, int), sealed_variant_groups=np.array([91]),
    )  # fmt: skip
    archive(
        folder / SOLOS, [5, 7], beat_start=np.array([0, 8, 16]),
        beat_number=np.tile([1, 2, 3, 4], 4), beat_chord_label=np.tile([0, 1], 8),
        chord_vocabulary=np.array(["Cj7", "NC"]),
    )  # fmt: skip
    return folder


def test_variants_stay_together_and_sealed_tunes_stay_out(tmp_path):
    songs = read_songs(corpora(tmp_path))
    splits = {(s.style, s.title): s.split for s in songs}
    assert (
        splits["song", "Tune 5"] == splits["hymn", "Tune 5"] == splits["jazz", "Tune 5"] == "test"
    )
    assert splits["song", "Tune 0"] == splits["hymn", "Tune 0"] == "train"
    assert ("hymn", "Tune 91") not in splits
    assert all(len(s.chords) == 32 and s.chords.all() for s in songs)
    with pytest.raises(CorpusError, match="not an archive of songs"):
        read_songs(tmp_path / "nowhere")
