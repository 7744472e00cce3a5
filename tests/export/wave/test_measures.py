"""Measures of sound order what everybody would."""

import numpy as np
import pytest

from export.wave import measures

RATE = 8000
TIME = np.arange(20 * RATE) / RATE
NOISE = (0.1 * np.random.default_rng(0).standard_normal(len(TIME))).astype(np.float32)
TONE = (0.1 * np.sin(2 * np.pi * 1000 * TIME)).astype(np.float32)


def test_a_sine_at_full_scale_is_0_db():
    assert measures.decibels(10 * TONE).max() == pytest.approx(0, abs=0.1)
    assert (measures.decibels(0 * TONE) == -60).all()


def test_the_distance_of_a_sound_from_itself_is_none_and_level_can_be_left_out():
    assert measures.log_spectral_distance(NOISE, NOISE) == (0, 0)
    whole, shape = measures.log_spectral_distance(0.5 * NOISE, NOISE)
    assert whole == pytest.approx(6.02, abs=0.1)
    assert shape < 1


def test_noise_is_flat_and_a_tone_is_not():
    assert measures.flatness(NOISE) > 0.4
    assert measures.flatness(TONE) < 0.01


def test_energy_out_of_the_band_is_told():
    band = measures.occupied(np.square(measures.magnitudes(TONE)).mean(axis=0))
    assert measures.out_of_band(TONE, band) < 0.02
    assert measures.out_of_band(NOISE, band) > 0.9


def test_a_loop_is_the_same_again_and_noise_or_a_melody_is_not():
    rng = np.random.default_rng(1)
    pitches = np.repeat(rng.choice([262, 330, 392, 440, 523, 587], 80), RATE // 4)
    melody = (0.1 * np.sin(2 * np.pi * np.cumsum(pitches) / RATE)).astype(np.float32)
    loop = np.tile(melody[: 2 * RATE], 10)
    assert measures.sameness(loop, RATE) > 0.9
    assert measures.sameness(melody, RATE) < 0.6
    assert measures.sameness(TONE, RATE) == 1


def test_clicks_are_heard_at_borders_alone():
    clicks = TONE.copy()
    clicks[1000::1000] += 0.5
    assert measures.click(TONE, 1000) == pytest.approx(1, abs=0.3)
    assert measures.click(clicks, 1000) > 10
    assert measures.click(clicks, 1003) < 3
