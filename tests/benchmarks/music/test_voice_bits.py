"""Bits that a voice needs for real tunes."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from benchmarks.music import voice_bits
from benchmarks.music.corpora import as_learned
from benchmarks.music.voice_bits import CHORDS, NOTHING, OUTLINE, told
from export.corpus.dataset import tag_vector
from export.melody.evaluate import read_causal
from stream.compose.melody.outline import EQUAL, Return
from stream.compose.step import Point, Step
from tests.benchmarks.music.tunes import OUTLINED, TINY, melody
from tests.data.make_tiny_outlined import outlined_model


@pytest.fixture(scope="module")
def outlined():
    return Step(OUTLINED)


@pytest.fixture(scope="module")
def tunes(outlined):
    played = [melody(1, 90), melody(2, 40), melody(3, 60)]
    return as_learned(played, outlined.spec)


def read(step, melodies, what):
    return voice_bits.voice_bits(step, melodies, told(step.spec)[what])


def test_tunes_read_in_parallel_need_as_many_bits_as_alone(monkeypatch):
    monkeypatch.setattr(voice_bits, "ROWS", 2)
    step = Step(TINY)
    tunes = [melody(1, 9), melody(2, 4, "odd"), melody(3, 6)]
    assert list(told(step.spec)) == [NOTHING]
    for tune, found in zip(tunes, read(step, tunes, NOTHING), strict=True):
        latent = np.array([step.spec.styles[tune.style].mean], np.float32)
        point = Point(latent, tag_vector(tune, ["even", "odd"])[None])
        state, alone = step.initial(), []
        for event in tune.tokens.astype(np.int64):
            out = step(state, point, np.zeros((1, 3), np.float32), event[None])
            state = out.state
            alone.append(-float(out.log_prob[0]) / math.log(2))
        assert found == pytest.approx(alone, abs=1e-4)


def test_a_voice_that_is_told_the_outline_reads_as_in_training(outlined, tunes, monkeypatch):
    monkeypatch.setattr(voice_bits, "ROWS", 2)
    middle = torch.tensor(outlined.spec.styles["even"].mean)
    trained = read_causal(outlined_model(), tunes, middle)
    found = np.concatenate(read(outlined, tunes, OUTLINE))
    assert found.mean() == pytest.approx(trained, abs=1e-3)


def test_a_voice_that_is_told_nothing_reads_as_if_there_were_no_outline(outlined, tunes):
    without = [dataclasses.replace(tune, outline=None) for tune in tunes]
    for what in (OUTLINE, NOTHING):
        for one, other in zip(
            read(outlined, tunes, NOTHING), read(outlined, without, what), strict=True
        ):
            assert one == pytest.approx(other, abs=1e-5)


def test_a_voice_that_is_told_the_chords_knows_nothing_else_of_the_outline(outlined, tunes):
    first = tunes[0].outline
    bars = first.bars
    other_form = dataclasses.replace(
        first, returns=(Return(), *[Return(1, EQUAL)] * (bars - 1)), counts=(1,) * bars,
        registers=(9,) * bars,
    )  # fmt: skip
    other_chords = dataclasses.replace(first, chords=((9, 999),))

    def bits(outline, what):
        return read(outlined, [dataclasses.replace(tunes[0], outline=outline)], what)[0]

    assert bits(other_form, CHORDS) == pytest.approx(bits(first, CHORDS), abs=1e-5)
    assert bits(other_form, OUTLINE) != pytest.approx(bits(first, OUTLINE), abs=1e-2)
    assert bits(other_chords, CHORDS) != pytest.approx(bits(first, CHORDS), abs=1e-2)
    assert bits(other_chords, NOTHING) == pytest.approx(bits(first, NOTHING), abs=1e-5)
