"""Arrangements become pieces: chords are estimated, bars are cut into phrases."""

import numpy as np
import pytest

from export.companions.accompaniment import Accompaniments, Setting, Source, within
from export.companions.comping import by_rule
from export.corpus.arrangement import Arrangement, arrays_of, beat_of
from export.corpus.chords.estimate import chord_notes
from export.corpus.lieder import chordal_share, with_bass
from stream.compose.companions import bass, comping
from stream.compose.polyphony.voicing import named
from stream.errors import CorpusError
from stream.music.note import Note
from tests.stream.compose.companions.band_scores import chord_class

CHORDS = ((48, 64, 67, 72), (53, 65, 69, 72), (55, 62, 67, 71), (48, 64, 67, 72))
"""C F G C."""


def song(bars=12):
    """A song with a piano that strikes a low note and then chords."""
    piano, lead = [], []
    for number in range(bars):
        at, chord = 192 * number, CHORDS[number % 4]
        piano.append(Note(at, 48, chord[0] - 12))
        piano += [Note(at + 48 * k, 48, p) for k in (1, 2, 3) for p in chord[1:]]
        lead.append(Note(at, 96, chord[3]))
    notes = tuple(piano)
    parts = {"lead": tuple(lead), "comping": notes}
    parts["harmony"] = chord_notes(notes, 0, 192 * bars, (192, 48))
    return Arrangement("song", 1, parts, 192 * bars, 192, 48)


def corpus(kind, *songs, **more):
    return Accompaniments(kind, ("style:folk",), [Source("folk", songs, 28, 60, 4, **more)])


def test_chords_are_estimated():
    chords = song().parts["harmony"]
    onsets = sorted({note.onset for note in chords})
    classes = [named(n.pitch for n in chords if n.onset == onset) for onset in onsets]
    assert onsets[:4] == [0, 192, 384, 576]
    assert classes[:3] == [chord_class(0), chord_class(5), chord_class(7)]
    assert chordal_share(song().parts["comping"], chords) == 1.0


def test_the_lowest_notes_are_the_bass():
    made = with_bass(song())
    assert [n.onset % 192 for n in made.parts["bass"]] == [0] * 12
    assert {n.end - n.onset for n in made.parts["bass"]} == {192}
    assert len(made.parts["comping"]) == 12 * 9


def test_a_piece_is_what_the_companion_hears_phrase_by_phrase():
    made = with_bass(song())
    found = corpus(bass.KIND, made)
    whole = found.piece(found.sources[0], made, Setting(upbeat=2))
    assert len(whole) == 12 * 16
    assert whole.tags.tolist() == [1.0]
    # Each bar strikes its root.
    assert whole.frames[::16].tolist()[:4] == [[2, 0, 0], [2, 0, 0], [2, 0, 0], [2, 0, 2]]
    (score, *_) = found.phrases(found.sources[0], made, Setting(upbeat=2))
    assert score.length == 384
    assert (bass.KIND.context(score, 0, 32) == whole.context[:32]).all()


def test_an_epoch_moves_and_a_held_out_piece_stays():
    learnt = corpus(comping.KIND, song())
    (piece,) = learnt.train(np.random.default_rng(1))
    assert len(piece) in {12 * 16, 11 * 16, 10 * 16}
    assert not learnt.valid()


def test_comping_by_rule_stands_for_data():
    learnt = corpus(comping.KIND, song(), arrange=by_rule("block-chords", (48, 79)))
    (piece,) = learnt.train(np.random.default_rng(1))
    assert (piece.frames[:, 0] >= 2).sum() >= 10


def test_a_note_across_a_phrase_is_two():
    notes = (Note(0, 100, 60), Note(150, 100, 62))
    assert within(notes, 192, 384, 192) == (
        Note(-192, 100, 60), Note(-42, 42, 62), Note(0, 58, 62)
    )  # fmt: skip


def test_meters_have_beats():
    assert beat_of(4, 4) == (192, 48)
    assert beat_of(6, 8) == (144, 72)
    assert beat_of(2, 2) == (192, 96)


def test_a_file_without_its_arrays_is_told(tmp_path):
    np.savez(tmp_path / "a.npz", pitch=np.zeros(3))
    with pytest.raises(CorpusError, match="has no array onset"):
        arrays_of(tmp_path / "a.npz", "pitch", "onset")
