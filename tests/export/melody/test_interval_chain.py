import numpy as np

from export.corpus.tune import Melody
from export.melody.interval_chain import counted
from stream.compose.melody.interval_chain import CLASSES, EIGHTHS, bits


def melody(*pitches):
    tokens = [(p % 12, p // 12 - 2, 5) if p else (12, 8, 5) for p in pitches]
    return Melody(np.array(tokens, np.uint8), "t", "folk", 1, 24, 8, "", "")


def test_what_always_follows_costs_little_and_what_never_does_much():
    scale = melody(*[60, 62, 64, 65, 67, 69, 71, 72] * 20)
    table = counted([scale])
    assert table.shape == (CLASSES,) * 3
    heard = bits(table, np.array([60, 62, 64, 65, 67]))
    strange = bits(table, np.array([60, 62, 64, 71]))
    assert heard.max() <= 1
    assert strange[0] > 6


def test_each_context_is_a_distribution():
    rng = np.random.default_rng(0)
    table = counted([melody(*rng.integers(55, 80, 400).tolist())])
    chances = 2.0 ** -(table / EIGHTHS)
    np.testing.assert_allclose(chances.sum(-1), 1, atol=0.05)


def test_rests_are_left_out_and_short_tunes_count():
    with_rests = counted([melody(60, 0, 62, 64, 0, 65)])
    np.testing.assert_array_equal(with_rests, counted([melody(60, 62, 64, 65)]))
    np.testing.assert_array_equal(
        counted([melody(60)]), np.full((CLASSES,) * 3, round(EIGHTHS * np.log2(CLASSES)))
    )
