"""Blocks of sound and their spectra, there and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from export.wave import blocks, measures

sizes = st.integers(2, 40).flatmap(lambda hop: st.tuples(st.just(hop), st.integers(0, hop)))


def noise(count, seed=0):
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


@given(sizes, st.integers(0, 300), st.integers(0, 9))
def test_sound_survives_blocks_spectra_and_back(size, more, seed):
    hop, fade = size
    samples = noise(hop + fade + more, seed)
    cut = blocks.cut(samples, hop, hop + fade)
    back = blocks.joined(blocks.blocks_of(blocks.spectra(cut), hop + fade), hop)
    whole = samples[: len(back)].copy()
    whole[:fade] *= blocks.rising(fade)
    assert len(back) == hop * ((len(samples) - hop - fade) // hop + 1)
    np.testing.assert_allclose(back, whole, atol=1e-5)


@given(sizes)
def test_the_windows_of_neighbours_add_up_to_one(size):
    hop, fade = size
    window = blocks.window(hop, hop + fade)
    np.testing.assert_allclose(window[hop:] + window[:fade], 1, atol=1e-6)
    assert (window[fade:hop] == 1).all()


def test_overlapping_takes_the_click_out_of_blocks_that_do_not_fit():
    time = np.arange(1100) / 8000
    rows = np.stack([np.sin(2 * np.pi * 200 * time + phase) for phase in range(12)])
    bare = rows[:, :1000].reshape(-1).astype(np.float32)
    assert measures.click(bare, 1000) > 10 * measures.click(blocks.joined(rows, 1000), 1000)
