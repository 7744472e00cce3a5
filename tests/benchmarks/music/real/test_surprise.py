import numpy as np
import pytest

from benchmarks.music.real import surprise
from benchmarks.music.real.neutral import Neutral
from benchmarks.music.real.surprise import Chain


def rows(*texts):
    return [np.array([ord(c) - ord("a") for c in text]) for text in texts]


def test_bits_are_those_of_interpolated_contexts():
    chain = Chain.counted(rows("abab", "ab"), 4, 1)
    # Order 0: 3 of a, 3 of b, 2 kinds; order 1: after a always b (3 times), after b once a.
    p_a = p_b = (3 + 2 / 4) / 8
    p_c = (2 / 4) / 8
    after = [(3 + p_b) / 4, (0 + p_a) / 4, p_a]
    found = 2 ** -chain.bits(np.array(rows("ab", "aa", "ca")))
    assert found == pytest.approx(np.array([[p_a, after[0]], [p_a, after[1]], [p_c, after[2]]]))


def test_a_context_that_crosses_two_tunes_is_not_counted():
    chain = Chain.counted(rows("ab", "ca"), 3, 1)
    assert chain.bits(np.array(rows("bc")))[0, 1] == pytest.approx(
        -np.log2((1 + 3 / 3) / 7)  # as if nothing came before: no tune goes on after b
    )


def test_probabilities_of_all_symbols_sum_to_one():
    rng = np.random.default_rng(0)
    chain = Chain.counted([rng.integers(0, 5, 60) for _ in range(4)], 5, 3)
    head = rng.integers(0, 5, 7)
    every = np.array([[*head, last] for last in range(5)])
    assert (2 ** -chain.bits(every))[:, -1].sum() == pytest.approx(1)


def test_known_music_surprises_less_than_new():
    rng = np.random.default_rng(0)

    def tune():
        onset = 12 * np.arange(40)
        return Neutral(rng.integers(50, 70, 40), onset, np.full(40, 12), 48, 12)

    known, new = [tune() for _ in range(20)], [tune() for _ in range(20)]
    chains = surprise.chains_of(known)
    name = "surprise: interval, mean"
    one, other = (surprise.surprises(tunes, chains)[name].mean() for tunes in (known, new))
    assert one + 1 < other


def test_a_note_before_a_rest_has_a_class_of_its_own():
    tune = Neutral(np.full(3, 60), np.array([0, 12, 36]), np.array([12, 12, 12]), 48, 12)
    assert surprise.durations(tune).tolist() == [11, 10]
