import pathlib

import numpy as np
import pytest

from benchmarks.music import realism
from benchmarks.music.real import realism_copies, realism_table, style_tunes
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.tunes.tune import Melody
from stream.errors import SettingsError

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"


def options(*words):
    return realism.parser().parse_args(["--corpus", "even=x", f"--voice={TINY}", *words])


def melody(number, split):
    rng = np.random.default_rng(number)
    pitch = 60 + np.cumsum(rng.integers(-2, 3, 60)) % 14
    tokens = np.array([[*encode_pitch(p), rng.choice([2, 5, 5, 8])] for p in pitch], np.uint8)
    return Melody(tokens, "", "even", number, 24, 4, "", split)


@pytest.fixture(scope="module")
def corpus():
    return [melody(i, "train" if i < 40 else "valid") for i in range(70)]


def test_tunes_come_from_streams_of_their_own_and_are_the_lead_alone(monkeypatch):
    monkeypatch.setattr(realism, "STREAM", 2)
    found = realism.composed(options("--tunes=5", "--candidates=1"), "even")
    assert len(found) == 5
    assert [t.phrases[0].seed for t in found] == [1, 1, 2, 2, 3]
    assert {n.channel for t in found for n in t.notes} == {0}


def test_every_system_is_judged_beside_the_held_out_tunes(corpus, monkeypatch):
    monkeypatch.setattr(realism_table, "BOOSTS", 10)
    args = options("--tunes=12", "--candidates=1", "--seeds=1", "--excerpts=20")
    tunes = realism.composed(args, "even")
    style = style_tunes.style_of("even", corpus, tunes, 20)
    assert (len(style.held), len(style.train), len(style.composed)) == (30, 20, 12)
    found = realism.judged(style, 16, args)
    areas = {r.system: r.value for r in found if r.measure == "AUC"}
    assert areas.keys() == {
        "real, halves", "composed", "real, training tunes", *realism.CONTROLS
    }  # fmt: skip
    assert areas["two bars looped"] > 0.9
    assert {r.set for r in found} == {"even, 16 notes"}


def test_styles_are_those_of_the_corpora(corpus):
    assert realism.styles_of(corpus, []) == realism.styles_of(corpus, ["even"]) == ["even"]
    with pytest.raises(SettingsError, match="--styles odd: must be among even, as --corpus"):
        realism.styles_of(corpus, ["odd"])
    assert options("--styles=a,b", "--lengths=32,64").lengths == [32, 64]


def test_too_few_long_tunes_are_not_judged(corpus):
    style = style_tunes.style_of("even", corpus, [], 1)
    assert realism.judged(style, 61, options()) == []


def test_copying_stands_beside_that_of_held_out_tunes(corpus):
    tunes = realism.composed(options("--tunes=3", "--candidates=1"), "even")
    found = realism_copies.copies("even", corpus, tunes)
    assert [(r.system, r.n) for r in found[:2]] == [("composed", 3), ("real, held out", 30)]
    assert {r.measure for r in found} == {
        "share of runs of 8 that training tunes hold",
        "share of runs of 12 that training tunes hold",
        "longest run shared with training tunes, mean",
        "longest run shared with training tunes, percentile 99",
    }
