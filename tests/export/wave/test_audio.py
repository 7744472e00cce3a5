"""WAV files of all sorts as mono samples."""

import numpy as np
import pytest
from scipy.io import wavfile

from export.wave import audio
from stream.errors import CorpusError


def sine(rate, seconds=1.0, pitch=440.0):
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(rate * seconds)) / rate)


def spectrum_peak(samples, rate):
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples)


def test_another_rate_is_resampled_and_stereo_mixed_down(tmp_path):
    stereo = np.stack([sine(44_100), np.zeros(44_100)], axis=1)
    wavfile.write(tmp_path / "a.wav", 44_100, (32767 * stereo).astype(np.int16))
    found = audio.read(tmp_path / "a.wav", 11_025)
    assert (found.dtype, found.shape) == (np.float32, (11_025,))
    assert spectrum_peak(found, 11_025) == pytest.approx(440, abs=1)
    assert np.abs(found[1000:-1000]).max() == pytest.approx(0.25, abs=0.01)


def test_every_sample_format_means_the_same(tmp_path):
    wave = sine(11_025)
    formats = {
        "u8": np.rint(128 + 127 * wave).astype(np.uint8),
        "i16": (32767 * wave).astype(np.int16),
        "i32": (wave * (2**31 - 1)).astype(np.int32),
        "f32": wave.astype(np.float32),
    }
    for name, data in formats.items():
        wavfile.write(tmp_path / f"{name}.wav", 11_025, data)
        np.testing.assert_allclose(audio.read(tmp_path / f"{name}.wav", 11_025), wave, atol=0.01)


def test_what_is_not_finite_becomes_silence(tmp_path):
    data = np.array([np.nan, np.inf, -np.inf, 0.5] * 100, np.float32)
    wavfile.write(tmp_path / "a.wav", 8000, data)
    assert audio.read(tmp_path / "a.wav", 8000).tolist() == [0, 0, 0, 0.5] * 100


def test_files_that_are_of_no_use_are_skipped_and_named(tmp_path):
    for name in ("a", "b", "c"):
        audio.write(tmp_path / f"{name}.wav", sine(8000, 2), 8000)
    audio.write(tmp_path / "short.wav", sine(8000, 0.5), 8000)
    audio.write(tmp_path / "silent.wav", np.zeros(16_000), 8000)
    (tmp_path / "torn.WAV").write_bytes(b"RIFF")
    (tmp_path / "notes.txt").write_text("none")
    found = audio.read_folder(tmp_path, 8000, shortest=1)
    assert [p.name for p in found.train] == ["a.wav", "b.wav"]
    assert [p.name for p in found.dev] == ["c.wav"]
    assert [reason.partition(" (")[0] for reason in found.skipped] == [
        "short.wav: 0.5 s, shorter than 1 s", "silent.wav: silent",
        "torn.WAV: no readable WAV file",
    ]  # fmt: skip


def test_a_folder_without_music_says_so(tmp_path):
    audio.write(tmp_path / "silent.wav", np.zeros(16_000), 8000)
    with pytest.raises(CorpusError, match=r"0 usable WAV files.*silent.wav: silent"):
        audio.read_folder(tmp_path, 8000, shortest=1)
