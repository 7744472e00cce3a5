from hypothesis import given
from hypothesis import strategies as st

from stream.midi.bytestream import ByteStream, length
from stream.midi_in.dispatcher import well_formed


def messages(text):
    return [data.hex(" ") for data in ByteStream().feed(bytes.fromhex(text))]


def test_messages_of_each_length():
    assert messages("903c50 c005 d007 e00040 f25501 f301 f105 f6 f8 fa") == [
        "90 3c 50", "c0 05", "d0 07", "e0 00 40", "f2 55 01", "f3 01", "f1 05", "f6", "f8", "fa",
    ]  # fmt: skip


def test_running_status():
    assert messages("90 3c50 3c00 4050 c0 01 02") == [
        "90 3c 50", "90 3c 00", "90 40 50", "c0 01", "c0 02",
    ]  # fmt: skip


def test_a_clock_between_the_bytes_of_a_message():
    assert messages("90 f8 3c f8 50 f8 40 f8 50") == [
        "f8", "f8", "90 3c 50", "f8", "f8", "90 40 50",
    ]  # fmt: skip


def test_system_messages_end_the_running_status():
    assert messages("903c50 f6 3c00 f0 7e f8 7f f7 4050 904150") == [
        "90 3c 50", "f6", "f8", "90 41 50",
    ]  # fmt: skip


def test_a_message_that_breaks_off_is_left_out():
    assert messages("90 3c 80 3c 00 b0 f4 12") == ["80 3c 00"]


@given(st.binary(), st.integers(1, 7))
def test_any_bytes_become_whole_messages_however_they_are_cut(data, size):
    whole = list(ByteStream().feed(data))
    assert all(well_formed(message) for message in whole if message[0] not in {0xF4, 0xF5})
    stream = ByteStream()
    pieces = [data[k : k + size] for k in range(0, len(data), size)]
    assert [m for piece in pieces for m in stream.feed(piece)] == whole


def test_what_is_left_out_has_no_length():
    assert [length(status) for status in (0xF0, 0xF4, 0xF5, 0xF7)] == [0] * 4
