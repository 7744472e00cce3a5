"""What is not said in a datagram is not heard: nothing is read as 0, and nothing in part."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import SettingsError
from stream.osc.commands import OscCommands
from stream.osc.datagram import datagram, messages
from stream.osc.decoding import Malformed, message

BPM = b"/perpetuum/bpm\0\0"


def test_every_type_that_is_known():
    data = struct.pack(">iqfd", -5, 2**40, 0.5, 0.1)
    assert message(b"/a\0\0,ihfdTFsS\0\0\0" + data + b"abc\0" + b"abcd\0\0\0\0") == (
        "/a",
        (-5, 2**40, 0.5, 0.1, True, False, "abc", "abcd"),
    )
    assert message(b"/a\0\0,\0\0\0") == ("/a", ())


@pytest.mark.parametrize(
    "data",
    [
        BPM + b",f\0\0",
        BPM + b",i\0\0",
        BPM + b",d\0\0" + bytes(4),
        BPM + b",h\0\0" + bytes(7),
        BPM + b",ff\0" + bytes(4),
        BPM + b",f\0\0" + bytes(3),
        BPM + b",f\0\0" + bytes(8),
        BPM + b",f\0" + bytes(4),
        BPM + b",q\0\0" + bytes(4),
        BPM + b",fq\0" + bytes(4),
        BPM + b",b\0\0" + bytes(4),
        BPM + b",[f]\0\0\0\0" + bytes(4),
        BPM + b",N\0\0",
        BPM + b",I\0\0",
        BPM + b",\0f\0" + bytes(4),
        BPM + b",s\0\0120",
        BPM + b",s\0\0120x",
        BPM + b",s\0\0" + b"1\0002",
        BPM + b",s\0\0\xff\0\0\0",
        BPM + b"f\0\0\0" + bytes(4),
        BPM,
        b"/perpetuum/bpm",
        b"bpm\0,f\0\0" + bytes(4),
        b"",
    ],
)
def test_what_is_not_whole_or_not_known_is_no_message(data):
    with pytest.raises(Malformed):
        message(data)
    assert messages(data) == []
    assert messages(b"#bundle\0" + bytes(8) + struct.pack(">i", len(data)) + data) == []


VALUES = st.one_of(
    st.tuples(st.integers(-200, 200)),
    st.tuples(st.floats(-200, 200, width=32)),
    st.tuples(st.text(st.characters(codec="ascii", min_codepoint=32), max_size=20)),
    st.tuples(),
    st.tuples(st.integers(0, 127), st.floats(0, 1, width=32)),
)
NAMES = st.sampled_from(["bpm", "low", "transpose", "style", "play", "next", "save", "out", "cc/7"])


@given(NAMES, VALUES, st.data())
def test_a_message_that_is_cut_short_says_nothing(name, values, data):
    whole = datagram(f"/perpetuum/{name}", values)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert messages(whole) == [(f"/perpetuum/{name}", values)]
    assert messages(cut) == []


def carried(content):
    """Every number that stands in these bytes, wherever it may begin."""
    found = set()
    for form in (">i", ">q", ">f", ">d"):
        for at in range(0, len(content) - struct.calcsize(form) + 1, 4):
            found.add(struct.unpack_from(form, content, at)[0])
    return found


@given(st.sampled_from(["bpm", "low", "transpose", "swing", "temperature"]), VALUES, st.data())
def test_no_damage_moves_a_control_to_a_value_that_is_not_there(name, values, data):
    content = bytearray(datagram(f"/perpetuum/{name}", values))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(content[: data.draw(st.integers(0, len(content)))])
    for address, arguments in messages(damaged):
        with contextlib.suppress(SettingsError):
            command = OscCommands().command(address, arguments) or {}
            for value in command.get("set", {}).values():
                as_text = str(value).encode() in damaged or isinstance(arguments[0], str)
                assert as_text or value in carried(damaged)
