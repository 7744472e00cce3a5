import argparse
import dataclasses

import numpy as np
import pytest

from benchmarks.music import styles
from benchmarks.music.styles import (
    STEPS,
    STYLES,
    best_classifier,
    blend,
    composed,
    confusion,
    curve,
    recognition,
)
from stream.compose.tunes.tune import Melody
from stream.config.style_syntax import parse_style
from tests.benchmarks.music.tunes import OUTLINED, TINY


def melody(seed, style, split="test"):
    """Each style has intervals of its own."""
    rng = np.random.default_rng(seed)
    size = STYLES.index(style) + 1
    pitch = 60 + np.cumsum(rng.choice([-size, size], 50)) % 13
    tokens = np.stack([pitch % 12, pitch // 12 - 2, rng.integers(4, 7, 50)], 1)
    return Melody(tokens.astype(np.uint8), "", style, seed // 2, 24, 8, "major", split)


@pytest.fixture(scope="module")
def classifier():
    real = [melody(i, style) for i, style in enumerate(STYLES * 12)]
    strangers = [dataclasses.replace(melody(i, "folk", "train"), style="hymn") for i in range(90)]
    with pytest.MonkeyPatch.context() as patch:
        name = "linear discriminant analysis"
        patch.setattr(styles, "CLASSIFIERS", {name: styles.CLASSIFIERS[name]})
        yield best_classifier(real + strangers)


def test_the_classifier_learns_from_held_out_tunes_and_recognizes_others(classifier):
    assert classifier.truth.tolist() == list(STYLES) * 12
    assert (classifier.truth == classifier.predicted).mean() > 0.9
    assert classifier.shares == pytest.approx(
        {classifier.name: (classifier.truth == classifier.predicted).mean()}
    )
    others = [melody(100 + i, style) for i, style in enumerate(STYLES * 5)]
    found = classifier.probabilities([m.tokens for m in others])
    assert found.sum(1) == pytest.approx(np.ones(20))
    assert (np.array(STYLES)[found.argmax(1)] == [m.style for m in others]).mean() > 0.9


def test_a_blend_moves_from_one_style_to_the_other():
    assert blend("folk", "jazz", 0) == parse_style("folk")[0]
    assert blend("folk", "jazz", STEPS - 1) == parse_style("jazz")[0]
    for step in range(1, STEPS - 1):
        (wanted,) = parse_style(f"folk:{1 - step / 10},jazz:{step / 10}")
        found = blend("folk", "jazz", step)
        assert [name for name, _ in found] == ["folk", "jazz"]
        assert [w for _, w in found] == pytest.approx([w for _, w in wanted])


def test_recognition_counts_each_style_by_itself():
    truth = np.repeat(STYLES, [4, 2, 2, 2])
    heard = np.array(["folk", "folk", "folk", "jazz", "hymn", "bach", *["bach"] * 2, *["jazz"] * 2])
    found = recognition("x", confusion(truth, heard), "goal")
    assert [(r.set, r.value, r.n, r.paper) for r in found] == [
        ("folk: taken for folk 3, jazz 1", 0.75, 4, "goal"),
        ("hymn: taken for hymn 1, bach 1", 0.5, 2, "goal"),
        ("bach: taken for bach 2", 1.0, 2, "goal"),
        ("jazz: taken for jazz 2", 1.0, 2, "goal"),
        ("all styles", 0.8125, 10, "goal"),
        ("all tunes", 0.8, 10, "goal"),
    ]


def test_a_curve_is_ranked_by_its_means():
    steps = [np.array([0.1, 0.3]), np.array([0.2]), np.array([0.1, 0.5])]
    found = curve("a", "b", steps)
    assert found.means.tolist() == pytest.approx([0.2, 0.2, 0.3])
    assert found.errors.tolist() == pytest.approx([0.1, 0.0, 0.2])
    assert curve("a", "b", steps[1:]).rank == pytest.approx(1)
    assert curve("a", "b", steps[:0:-1]).rank == pytest.approx(-1)


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_composed_tunes_are_whole_and_the_same_each_time(voice):
    args = argparse.Namespace(voice=voice, seed=3, candidates=2, tunes=3)
    found = composed(args, (("even", 0.5), ("odd", 0.5)))
    assert [t.phrases[-1].closing for t in found] == [True] * 3
    assert [sum(p.closing for p in t.phrases) for t in found] == [1] * 3
    assert {t.style for t in found} == {"even:0.5,odd:0.5"}
    assert found == composed(args, (("even", 0.5), ("odd", 0.5)))
    assert {p.ensemble for t in found for p in t.phrases} == {"solo"}


def test_neither_key_nor_octave_tells_tunes_apart(classifier):
    tunes = [melody(100 + i, style).tokens.astype(np.int64) for i, style in enumerate(STYLES * 3)]
    moved = []
    for number, tokens in enumerate(tunes):
        pitch = tokens[:, 0] + 12 * tokens[:, 1] + number - 5
        moved.append(np.stack([pitch % 12, pitch // 12, tokens[:, 2]], 1))
    assert classifier.probabilities(moved) == pytest.approx(classifier.probabilities(tunes))
