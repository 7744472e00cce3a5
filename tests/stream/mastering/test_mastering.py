"""One loudness for every file, and no sample that clips."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.mastering.loudness import FRAMES, RATE, SLICE, STEP, Meter, integrated
from stream.mastering.mastering import CEILING, TARGET, gain_for, limits, master


def sine(decibels, seconds=5.0, hertz=1000.0):
    """A sine in both channels, its peak at so many decibels, as 16-bit samples [2 n]."""
    at = np.arange(round(seconds * RATE)) / RATE
    wave = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * at)
    return np.repeat(np.rint(wave * 32767).astype(np.int16), 2)


def metered(samples, chunk=10_000):
    meter = Meter()
    for start in range(0, len(samples), 2 * chunk):
        meter.add(samples[start : start + 2 * chunk])
    return meter.finish()


@pytest.mark.parametrize(
    ("parts", "loudness"),
    [
        # EBU Tech 3341, test cases 1 to 4: what a meter has to show, within 0.1 LU.
        ([(-23.0, 20)], -23.0),
        ([(-33.0, 20)], -33.0),
        ([(-36.0, 10), (-23.0, 60), (-36.0, 10)], -23.0),
        ([(-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)], -23.0),
    ],
)
def test_a_meter_shows_what_the_standard_asks_for(parts, loudness):
    samples = np.concatenate([sine(decibels, seconds) for decibels, seconds in parts])
    energies, peaks = metered(samples)
    assert integrated(energies) == pytest.approx(loudness, abs=0.1)
    assert peaks.max() == pytest.approx(10 ** (max(d for d, _ in parts) / 20), rel=0.01)


def test_low_tones_weigh_less_and_high_ones_more():
    bass, middle, treble = (integrated(metered(sine(-20, 5, f))[0]) for f in (40, 1000, 8000))
    assert bass < middle - 4
    assert treble == pytest.approx(middle + 3.3, abs=0.3)


def test_chunks_do_not_matter():
    rng = np.random.default_rng(1)
    samples = rng.integers(-9000, 9000, 2 * (3 * FRAMES + 77), dtype=np.int16)
    for one, other in zip(metered(samples, 333), metered(samples, 99_999), strict=True):
        assert np.array_equal(one, other)


def test_silence_and_nothing_are_measured():
    assert integrated(np.zeros(0)) == integrated(np.zeros(18)) == -np.inf
    assert [len(found) for found in Meter().finish()] == [0, 0]
    energies, peaks = metered(np.zeros(2 * RATE, np.int16))
    assert gain_for(energies, peaks) == 1.0


def mastered(samples):
    energies, peaks = metered(samples)
    file = io.BytesIO(b"head" + samples.tobytes())
    master(file, 4, gain_for(energies, peaks), peaks)
    assert file.getvalue()[:4] == b"head"
    return np.frombuffer(file.getvalue()[4:], np.int16)


@pytest.mark.parametrize("decibels", [-40, -23, -3])
def test_every_recording_becomes_as_loud(decibels):
    found = mastered(sine(decibels, 12))
    assert len(found) == len(sine(decibels, 12))
    assert integrated(metered(found)[0]) == pytest.approx(TARGET, abs=0.1)


def test_sharp_peaks_are_turned_down_and_do_not_clip():
    rng = np.random.default_rng(2)
    envelope = np.exp(-(np.arange(20 * RATE) % (RATE // 3)) / 3000)
    wave = (0.3 * envelope * rng.standard_normal(len(envelope))).clip(-1, 1)
    found = mastered(np.repeat(np.rint(wave * 32767).astype(np.int16), 2))
    assert np.abs(found).max() <= CEILING * 32768
    assert integrated(metered(found)[0]) == pytest.approx(TARGET, abs=1.0)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=60))
def test_the_limiter_allows_no_peak_above_the_ceiling(peaks):
    edges = limits(np.array(peaks))
    assert len(edges) == len(peaks) + 1
    assert np.all(edges > 0)
    assert np.all(edges[:-1] * peaks <= CEILING * (1 + 1e-9))
    assert np.all(edges[1:] * peaks <= CEILING * (1 + 1e-9))
    if max(peaks) <= CEILING:
        assert np.allclose(edges, 1)


def test_steps_hold_whole_peaks():
    assert STEP % SLICE == 0
