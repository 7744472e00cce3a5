import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.audio.overlap import Overlap
from stream.voices.audio_spec import AudioSpec

RATE = 8000


def sung(audio, wave, blocks):
    """`wave`, cut into blocks as a model would give them, and put together again."""
    overlap = Overlap(audio)
    tail, out = overlap.silence(), []
    for i in range(blocks):
        block = wave(np.arange(i * audio.hop, i * audio.hop + audio.length) / audio.rate)
        if audio.synthesis == "spectrum":
            lines = np.fft.rfft(block)
            block = np.concatenate((lines.real, lines.imag))
        else:
            block = block * np.hanning(audio.length + 1)[:-1]
        samples, tail = overlap(tail, block.astype(np.float32))
        assert (samples.dtype, len(samples), len(tail)) == (np.float32, audio.hop, overlap.width)
        out.append(samples)
    return np.concatenate(out)


def sine(time):
    return 0.5 * np.sin(2 * np.pi * 441.3 * time)


@pytest.mark.parametrize(
    "audio",
    [
        AudioSpec(RATE, 200, 400, "samples"),
        AudioSpec(RATE, 1000, 1200, "spectrum"),
        AudioSpec(RATE, 999, 1998, "spectrum"),
        AudioSpec(RATE, 101, 151, "spectrum"),
    ],
    ids=str,
)
def test_a_sine_comes_out_as_it_went_in(audio):
    made = sung(audio, sine, 12)
    wanted = sine(np.arange(len(made)) / RATE)
    begin = audio.length - audio.hop
    np.testing.assert_allclose(made[begin:], wanted[begin:], atol=2e-6)


def test_blocks_of_another_phase_are_joined_without_a_click():
    """Each block begins where the sine would not be: whatever the model does, there is no step."""
    largest = 0.5 * 2 * np.pi * 441.3 / RATE
    for audio in (AudioSpec(RATE, 1000, 1200, "spectrum"), AudioSpec(RATE, 1000, 1000, "spectrum")):
        made = sung(audio, lambda time: sine(time + 0.3 * time[0]), 12)
        assert np.abs(np.diff(made)).max() < 1.3 * largest


def test_blocks_that_only_touch_are_joined_at_their_border():
    audio = AudioSpec(RATE, 100, 100, "samples")
    overlap = Overlap(audio)
    first, tail = overlap(np.array([0], np.float32), np.full(100, 0.5, np.float32))
    second, tail = overlap(tail, np.full(100, -0.5, np.float32))
    made = np.concatenate((first, second))
    assert (first[0], second[0], tail) == (0, 0.5, -0.5)
    assert np.abs(np.diff(made)).max() < 0.05
    assert (second[40:] == -0.5).all()


@given(st.data())
def test_what_is_no_number_does_not_get_through(data):
    audio = data.draw(
        st.sampled_from((AudioSpec(RATE, 5, 8, "spectrum"), AudioSpec(RATE, 5, 9, "samples")))
    )
    width = 10 if audio.synthesis == "spectrum" else 9
    floats = st.floats(width=32, allow_nan=True, allow_infinity=True)
    overlap = Overlap(audio)
    tail = overlap.silence()
    for _ in range(3):
        block = np.array(data.draw(st.lists(floats, min_size=width, max_size=width)), np.float32)
        samples, tail = overlap(tail, block)
        assert np.isfinite(samples).all()
        assert np.isfinite(tail).all()
