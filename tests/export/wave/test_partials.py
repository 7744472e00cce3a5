"""Sound as partials and noise, and back."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from export.models.wave.oscillators import Oscillators, rendered
from export.wave import measures
from export.wave.partials import Grid, amplitudes, analyze, levels

GRID = Grid()


def tone(key, seconds=1.0, loud=0.3):
    time = np.arange(round(GRID.rate * seconds)) / GRID.rate
    return loud * np.sin(2 * np.pi * 440 * 2 ** ((key - 69) / 12) * time)


@given(st.floats(0.001, 1))
def test_levels_and_amplitudes_are_inverse(level):
    assert np.isclose(levels(amplitudes(np.array([level]))), level, atol=1e-4)


def test_a_level_says_how_loud_it_is():
    assert levels(np.array([1.0, 0.125, 0.0, 10.0])).tolist() == [1, 0.5, 0, 1]


def test_a_tone_is_found_at_its_pitch_and_as_loud_as_it_is():
    for key in (57, 69, 88):
        found = analyze(tone(key), GRID)[5]
        partials = amplitudes(found[: GRID.partials])
        best = int(np.argmax(partials))
        assert np.isclose(GRID.pitches[best], 440 * 2 ** ((key - 69) / 12))
        assert np.isclose(partials[best], 0.3, rtol=0.1)
        assert np.delete(partials, best).max() < 0.05


def test_noise_is_found_in_its_band_and_comes_back_as_loud():
    white = 0.1 * np.random.default_rng(0).standard_normal(3 * GRID.rate)
    only_noise = analyze(white, GRID)
    only_noise[:, : GRID.partials] = 0
    back = rendered(torch.from_numpy(only_noise), GRID, 1).numpy()
    assert 0.03 < back.std() < 0.12
    assert measures.flatness(back) > 0.05


def test_sound_comes_back_nearer_than_silence():
    chord = np.sum([tone(key, 2.0, 0.1) for key in (48, 64, 67, 72)], axis=0).astype(np.float32)
    back = rendered(torch.from_numpy(analyze(chord, GRID)), GRID, 1).numpy()
    near, _ = measures.log_spectral_distance(back, chord[: len(back)])
    assert near < 3 < measures.log_spectral_distance(0 * back, chord[: len(back)])[0]
    assert measures.click(back, GRID.hop) < 1.5


def test_a_block_is_the_sum_of_its_sines():
    grid = Grid(rate=8000, hop=64, reach=256, bands=2, each=2)
    rng = np.random.default_rng(3)
    found = torch.from_numpy(rng.random((1, grid.features)).astype(np.float32))
    phases = torch.from_numpy(rng.random((1, grid.partials)).astype(np.float32))
    noise = torch.from_numpy(rng.random((1, 8)).astype(np.float32))
    made = Oscillators(grid)(found, phases, noise).numpy()[0]
    strengths = amplitudes(found.numpy()[0])
    wide = np.repeat(np.diff(grid.edges), 2)
    pitches = np.r_[grid.pitches, np.repeat(grid.edges[:-1], 2) + noise.numpy()[0, :4] * wide]
    bands = np.repeat(strengths[grid.partials :], 2) * np.sqrt(2 / (2 * 0.75))
    loud = np.r_[strengths[: grid.partials], bands]
    starts = np.r_[phases.numpy()[0], noise.numpy()[0, 4:]]
    time = np.arange(128) / 8000
    sines = np.cos(2 * np.pi * (pitches[:, None] * time + starts[:, None]))
    np.testing.assert_allclose(made, np.hanning(129)[:-1] * (loud @ sines), atol=1e-4)
