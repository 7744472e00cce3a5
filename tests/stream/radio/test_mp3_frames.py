import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.radio.encoder import Encoder
from stream.radio.mp3_frames import FrameCutter, frame_length

HEADER = bytes.fromhex("fffb9064")


@pytest.fixture(scope="module")
def stream():
    """What the encoder makes of two seconds of noise."""
    pytest.importorskip("lameenc")
    dice = random.Random(4)
    return Encoder().encode(dice.randbytes(2 * 4 * 44_100))


def test_length_of_a_frame_follows_from_its_header():
    assert frame_length(HEADER) == 417
    assert frame_length(bytes.fromhex("fffb9264")) == 418  # padded
    assert frame_length(bytes.fromhex("fffbb464")) == 576  # 192 kbit/s at 48 kHz
    for wrong in ("00000000", "fff39064", "fffbf064", "fffb0064", "fffb9c64"):
        assert frame_length(bytes.fromhex(wrong)) == 0, wrong


def test_the_encoder_returns_whole_frames(stream):
    frames = list(FrameCutter().cut(stream))
    assert b"".join(frames) == stream
    assert len(frames) > 70
    assert all(len(frame) == frame_length(frame[:4]) for frame in frames)


@given(data=st.data())
def test_the_parts_in_which_bytes_come_do_not_matter(stream, data):
    whole = list(FrameCutter().cut(stream))
    ends = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    cutter, found = FrameCutter(), []
    for begin, end in zip([0, *ends], [*ends, len(stream)], strict=True):
        found += cutter.cut(stream[begin:end])
    assert found == whole


@given(st.binary(max_size=50))
def test_bytes_outside_of_frames_are_left_out(noise):
    frame = HEADER + bytes(413)
    kept = b"".join(FrameCutter().cut(noise.replace(b"\xff", b"") + frame + frame))
    assert kept == frame + frame
