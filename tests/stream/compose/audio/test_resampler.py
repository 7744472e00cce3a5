import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.audio.resampler import Resampler

PAIRS = [
(11025, 44100), (11025, 48000), (8000, 48000), (44100, 48000), (48000, 44100),
(11025, 96000), (16000, 96000), (22050, 192000), (44100, 96000), (48000, 96000),
]  # fmt: skip


def resampled(source, target, samples, cuts=()):
    """The samples at the other rate, made piece by piece."""
    resampler = Resampler(source, target)
    tail, phase, made = np.zeros(resampler.width, np.float32), 0, []
    for piece in np.split(samples, cuts):
        out, tail, phase = resampler(tail, phase, piece)
        made.append(out)
    return np.concatenate(made)


def sine(rate, hertz, seconds=0.25):
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def lines(samples, rate):
    """Loudness in dB beside the loudest, and frequency of it."""
    spectrum = np.abs(np.fft.rfft(samples * np.blackman(len(samples))))
    loudest = int(spectrum.argmax())
    rest = np.delete(spectrum, np.arange(max(loudest - 8, 0), loudest + 9))
    return rate * loudest / len(samples), 20 * np.log10(rest.max() / spectrum[loudest])


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("hertz", [100.0, 1000.0, 3000.0])
def test_a_sine_stays_one_and_has_no_mirror(source, target, hertz):
    made = resampled(source, target, sine(source, hertz))
    settled = made[len(made) // 5 :]
    found, rest = lines(settled, target)
    assert found == pytest.approx(hertz, abs=target / len(settled))
    assert rest < -60
    assert np.abs(settled).max() == pytest.approx(1, abs=0.02)


def test_the_phase_is_linear():
    """An impulse comes out symmetrical: all frequencies are late by the same time."""
    impulse = np.zeros(200, np.float32)
    impulse[60] = 1
    made = resampled(11025, 44100, impulse)
    heard = np.flatnonzero(made)
    found = made[heard[0] : heard[-1] + 1]
    np.testing.assert_allclose(found, found[::-1], atol=1e-6)


def test_the_same_rate_is_left_alone():
    samples = sine(8000, 440)
    np.testing.assert_array_equal(resampled(8000, 8000, samples, (100, 300)), samples)


@settings(max_examples=30)
@given(st.sampled_from(PAIRS), st.sets(st.integers(1, 499), max_size=5))
def test_it_does_not_matter_how_the_sound_is_cut(pair, cuts):
    samples = np.random.default_rng(1).standard_normal(500).astype(np.float32)
    whole = resampled(*pair, samples)
    assert len(whole) == -(-500 * pair[1] // pair[0])
    np.testing.assert_allclose(resampled(*pair, samples, sorted(cuts)), whole, atol=1e-5)
