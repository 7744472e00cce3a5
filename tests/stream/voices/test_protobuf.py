import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.voices import protobuf
from stream.voices.protobuf import MOST_FIELDS, fields, find_property, varint, with_property

NUMBERS = st.integers(0, 2**64 - 1)


def read(data, *most):
    return [(f.number, f.wire, f.start, bytes(f.value), f.end) for f in fields(data, *most)]


def test_fields_of_every_wire_type():
    data = memoryview(b"\x08\x96\x01" + b"\x3a\x03abc" + b"\x15abcd" + b"\x11abcdefgh" + b"\x42\0")
    assert read(data) == [
        (1, 0, 0, b"\x96\x01", 3),
        (7, 2, 3, b"abc", 8),
        (2, 5, 8, b"abcd", 13),
        (2, 1, 13, b"abcdefgh", 22),
        (8, 2, 22, b"", 24),
    ]
    assert read(memoryview(b"")) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x0b", "wire type 3 at byte 1"),
        (b"\x08\x01\x0c", "wire type 4 at byte 3"),
        (b"\x0a\x02a", "field at byte 0 runs past the end"),
        (b"\x08\x01\x15abc", "field at byte 2 runs past the end"),
        (b"\x0a", "truncated number"),
        (b"\x80", "truncated number"),
        (b"\x08" + b"\x80" * 10 + b"\x01", "number too long"),
        (b"\x08" + b"\xff" * 9 + b"\x02", "number too long"),
    ],
)
def test_what_is_no_message(data, why):
    with pytest.raises(ValueError, match=rf"^{why}$"):
        read(memoryview(data))


@given(NUMBERS)
def test_numbers_of_every_size(number):
    written = protobuf._number(number)
    assert varint(memoryview(b"?" + written + b"!"), 1) == (number, 1 + len(written))
    assert len(written) == max(-(-number.bit_length() // 7), 1)


def test_a_message_has_no_flood_of_fields():
    assert len(read(memoryview(b"\x08\0" * 5), 5)) == 5
    with pytest.raises(ValueError, match=r"^more than 5 fields$"):
        read(memoryview(b"\x08\0" * 6), 5)
    assert len(read(memoryview(b"\x08\0" * MOST_FIELDS))) == MOST_FIELDS == 2**15
    with pytest.raises(ValueError, match=rf"^more than {MOST_FIELDS} fields$"):
        read(memoryview(b"\x08\0" * (MOST_FIELDS + 1)))


def test_a_property_is_looked_for_among_a_thousand_fields():
    """Millions of them would take minutes."""
    assert find_property(with_property(b"\x08\0" * 1023, b"k", b"v"), b"k") == (2046, b"v")
    with pytest.raises(ValueError, match=r"^more than 1024 fields$"):
        find_property(with_property(b"\x08\0" * 1024, b"k", b"v"), b"k")
    entry = b"\x0a\x01k\x12\x01v" + b"\x1a\0" * 14
    assert find_property(protobuf._field(14, entry), b"k") == (0, b"v")
    with pytest.raises(ValueError, match=r"^more than 16 fields$"):
        find_property(protobuf._field(14, entry + b"\x1a\0"), b"k")


def test_a_property_that_is_not_there():
    with pytest.raises(LookupError, match="no property named k"):
        find_property(with_property(b"\x08\0", b"other", b"v"), b"k")
    with pytest.raises(LookupError, match="no property named k"):
        find_property(protobuf._field(14, b""), b"k")
    # Another field with the same content is none.
    with pytest.raises(LookupError, match="no property named k"):
        find_property(protobuf._field(13, b"\x0a\x01k\x12\x01v"), b"k")
    with pytest.raises(LookupError):
        find_property(protobuf._field(14, b"\x0a\x01k"), b"k")
