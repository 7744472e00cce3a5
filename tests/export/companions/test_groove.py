"""Drummers' performances as pieces."""

import dataclasses

import numpy as np
import pytest

from export.companions import drums, groove
from stream.compose.companions.drums import KIND
from stream.compose.companions.drums_grid import KICK, SNARE
from stream.errors import CorpusError

BARS = 13


@pytest.fixture
def corpora(tmp_path):
    """Two performances of a drummer who is late by 20 units, one of them held out."""
    rng = np.random.default_rng(0)
    onset, pitch = [], []
    for bar in range(BARS):
        for i in range(8):
            for each in [42, *([36] if i in {0, 4} else []), *([38] if i in {2, 6} else [])]:
                onset.append(1920 * bar + 240 * i + 20 + int(rng.integers(-4, 5)))
                pitch.append(each)
    n = len(onset)
    folder = tmp_path / "groove_drums"
    folder.mkdir()
    np.savez(
        folder / "groove_drums.npz",
        onset=np.array(onset * 3, np.int32), pitch=np.array(pitch * 3, np.uint8),
        velocity=np.tile(rng.integers(40, 120, n), 3).astype(np.uint8),
        performance_start=np.array([0, n, 2 * n, 3 * n]), style=["rock", "jazz/swing", "rock"],
        tempo_bpm=np.array([100, 140, 90], np.float32), beat_type=["beat"] * 3,
        time_signature=["4-4", "4-4", "5-4"], split=["train", "train", "validation"],
        id=["a/1", "a/2", "a/3"],
    )  # fmt: skip
    return tmp_path


def test_a_performance_is_read_without_its_latency(corpora):
    first, second = groove.read(corpora, "train")
    assert (first.style, second.style, first.bars, first.triplets) == ("rock", "jazz", BARS, False)
    at = [10 * n.onset + n.offset for n in first.notes]
    assert abs(np.mean([(each + 60) % 120 - 60 for each in at])) < 3
    assert first.frames[::8, KICK].all()
    assert first.frames[4::8, SNARE].all()
    assert groove.read(corpora, "validation") == []  # no such meter is read


def test_other_meters_are_made_by_rule(corpora):
    whole = groove.read(corpora, "train")[0]
    waltz = groove.of_three_beats(whole)
    assert waltz.frames.shape[0] == 12 * BARS
    assert waltz.frames[::12, KICK].all()
    assert waltz.frames[4::12, SNARE].all()
    assert waltz.frames[8::12, SNARE].all()  # the backbeat falls on 2 and 3
    jig = groove.of_two_compound_beats(whole)
    assert (jig.bpm, jig.beat, jig.bar) == (1.5 * whole.bpm, 72, 144)
    assert jig.frames[::12, KICK].all()
    assert jig.frames[6::12, SNARE].all()


def test_pieces_have_the_frames_and_context_of_the_runtime(corpora):
    corpus = drums.ROLE.corpus(corpora)
    learned = corpus.beats or corpus._held
    excerpt = drums.regular(learned[0], 3)[0]
    piece = drums.piece_of(excerpt, {"": [0.0, 1.0]}, None)
    assert piece.frames.shape == (192, len(KIND.heads))
    score = drums.score_of(excerpt, 1, 1.0)
    assert np.array_equal(piece.context[64:128], KIND.context(score, 0, 64))
    assert all(len(p.frames) == len(p.context) for p in corpus.train(np.random.default_rng(1)))


def test_energy_is_the_share_of_softer_phrases(corpora):
    whole = groove.read(corpora, "train")[0]
    soft = dataclasses.replace(
        whole, notes=tuple(dataclasses.replace(n, velocity=20) for n in whole.notes)
    )
    table = drums.energies([whole, soft])
    levels = [
        drums.energy(drums.phrase_notes(e)[0], e, 768, table)
        for e in (drums.regular(w, 1)[0] for w in (soft, whole))
    ]
    assert levels[0] == 0.0
    assert levels[1] >= 0.5


def test_a_corpus_that_is_none_is_told(tmp_path):
    with pytest.raises(CorpusError, match="not an archive of drum performances"):
        groove.read(tmp_path, "train")
