"""Songs in four parts: read from archives, and cut into phrases."""

import numpy as np
import pytest

from export.companions.four_parts import chorales, hymns, quartets
from export.companions.four_parts.song import PARTS, Song, phrase_of, piece_of
from export.companions.hymnal import (
    MEASURED_FOLDS,
    TAGS,
    VALID_FOLDS,
    HymnalCorpus,
    fold,
    tags_of,
    training_folds,
)
from stream.compose.companions.hymnal import KIND
from stream.errors import CorpusError
from stream.music.note import Note
from stream.music.part import ALTO, LEAD, TENOR

PITCHES = (67, 64, 60, 48)


def song(bars=9, pickup=48, style="hymn"):
    """Quarter notes in four parts, a step higher in every bar."""
    length = 192 * bars + pickup
    parts = {
        role: tuple(Note(at, 48, PITCHES[p] + (at // 192) % 5) for at in range(0, length, 48))
        for p, role in enumerate(PARTS)
    }
    return Song(parts, length, 192, 48, style, 1)


def hymn_archive(folder, meters=("4/4", "free"), pickup=48):
    rows = [(at, 48, pitch, p) for at in range(0, 720, 48) for p, pitch in enumerate(PITCHES)]
    onset, duration, pitch, part = np.array(rows * len(meters)).T
    starts = np.arange(len(meters) + 1) * len(rows)
    each = len(meters)
    path = folder / hymns.FILE
    path.parent.mkdir()
    np.savez(
        path, onset=onset, duration=duration, pitch=pitch, part=part, divided=0 * part,
        tune_start=starts, length=[720] * each, pickup=[pickup] * each, meter=list(meters),
        tune_group=range(each), title=["A"] * each, credit=["", hymns.PROTECTED][:each],
    )  # fmt: skip


def test_reads_hymns_to_the_bar_line_after_their_last_note(tmp_path):
    hymn_archive(tmp_path)
    (found,) = hymns.read(tmp_path)
    assert found.length == 720 + 96
    assert [notes[-1].end for notes in found.parts.values()] == [816] * 4
    assert found.scores(2)[-1].closing


def test_leaves_out_protected_settings(tmp_path):
    hymn_archive(tmp_path, ("4/4", "4/4"))
    assert len(hymns.read(tmp_path)) == 1


@pytest.mark.parametrize("reader", [hymns.read, quartets.read])
def test_names_a_missing_archive(reader, tmp_path):
    with pytest.raises(CorpusError, match="readable"):
        reader(tmp_path)


def test_phrases_end_at_bar_lines_and_hear_their_past():
    first, second, third = song().scores()
    assert [score.length for score in (first, second, third)] == [240, 768, 768]
    assert second.past == first.length
    assert min(note.onset for note in second.notes(LEAD)) == -first.length
    assert max(note.end for note in first.notes(ALTO)) == first.length
    lengths = [score.length // 192 for score in song(pickup=0).scores(4, 1)]
    assert lengths == [2, 4, 3]


def test_a_piece_is_what_the_runtime_hears_phrase_by_phrase():
    scores = song().scores()
    piece = piece_of([phrase_of(score) for score in scores], tags_of("hymn"))
    count = scores[-1].length // 12
    np.testing.assert_array_equal(piece.frames[-count:], KIND.encode(scores[-1], 0, count))
    heard = KIND.context(scores[-1], 0, count)
    np.testing.assert_allclose(piece.context[-count:], heard, atol=1e-3)


def test_an_epoch_plays_every_song_of_its_style():
    corpus = HymnalCorpus([song()], [song(5)])
    for seed in range(5):
        pieces = corpus.train(np.random.default_rng(seed))
        assert sum(map(len, pieces)) == song().length // 12
    assert [len(piece) for piece in corpus.valid()] == [song(5).length // 12]


def test_folds_are_apart_and_the_same_for_a_group():
    assert not {*training_folds()} & {*VALID_FOLDS, *MEASURED_FOLDS}
    assert {fold(group) for group in range(200)} == set(range(16))
    assert [tags_of(tag.removeprefix("style:")).tolist().index(1) for tag in TAGS] == [0, 1, 2]


def test_a_chorale_strikes_all_parts_on_each_syllable(tmp_path):
    steps = np.array([[67, 64, 60, 48]] * 16 + [[69, 64, 60, 48]] * 16, np.int8)
    path = tmp_path / chorales.FILE
    path.parent.mkdir()
    np.savez(path, train_satb=steps, train_lengths=[32])
    (found,) = chorales.read(tmp_path, "train")
    assert [(n.onset, n.duration) for n in found.parts[TENOR]] == [(0, 192), (192, 192)]


def test_a_chorale_with_an_upbeat_ends_after_three_quarters(tmp_path):
    steps = np.array([[67, 64, 60, 48]] * 20 + [[69, 64, 60, 48]] * 12, np.int8)
    path = tmp_path / chorales.FILE
    path.parent.mkdir()
    np.savez(path, train_satb=steps, train_lengths=[32])
    (found,) = chorales.read(tmp_path, "train")
    assert found.length == 36 * 12
