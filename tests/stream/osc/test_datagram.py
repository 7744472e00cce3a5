import struct

from hypothesis import given
from hypothesis import strategies as st

from stream.osc.datagram import MOST_BYTES, MOST_MESSAGES, datagram, messages


def bundle(*parts):
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(struct.pack(">i", len(p)) + p for p in parts)


BPM = datagram("/perpetuum/bpm", (120.5,))
OUT = datagram("/perpetuum/out", ("port:Volca", "null"))


def test_there_and_back():
    assert messages(BPM) == [("/perpetuum/bpm", (120.5,))]
    assert messages(OUT) == [("/perpetuum/out", ("port:Volca", "null"))]
    assert messages(datagram("/a", (-3, True, ""))) == [("/a", (-3, 1, ""))]
    assert BPM == b"/perpetuum/bpm\0\0,f\0\0\x42\xf1\0\0"


def test_bundles_in_bundles_keep_their_order():
    found = messages(bundle(BPM, bundle(OUT, BPM), OUT))
    assert [address for address, _ in found] == [
        f"/perpetuum/{n}" for n in ("bpm", "out", "bpm", "out")
    ]


def test_what_is_no_message_is_left_out():
    assert messages(bundle(b"noise", BPM, b"/x\0\0,q\0\0", bundle())) == [
        ("/perpetuum/bpm", (120.5,)),
    ]
    assert messages(b"") == messages(b"\0") == messages(b"#bundle\0") == []


def test_an_element_of_a_negative_size_ends_the_bundle():
    # python-osc's own reader goes round in circles here.
    assert messages(bundle(BPM) + struct.pack(">i", -4) + BPM) == [("/perpetuum/bpm", (120.5,))]


def test_a_deep_or_a_large_one_is_bounded():
    deep = BPM
    while len(deep) < MOST_BYTES - 20:
        deep = bundle(deep)
    assert messages(deep) == []
    assert messages(BPM + bytes(MOST_BYTES)) == []
    many = bundle(*[b"/a\0\0,\0\0\0"] * 500)
    assert len(many) <= MOST_BYTES
    assert len(messages(many)) == MOST_MESSAGES - 1


@given(st.binary(max_size=200), st.integers(0, 40))
def test_anything_may_come(noise, at):
    for content in (noise, BPM[:at] + noise, bundle(OUT[:at] + noise), bundle(BPM)[:at] + noise):
        for address, arguments in messages(content):
            assert isinstance(address, str)
            assert isinstance(arguments, tuple)


@given(st.text(max_size=2000), st.floats(allow_nan=True), st.integers(-(2**31), 2**31 - 1))
def test_anything_may_be_told(text, number, whole):
    ((_, (sent, *_)),) = messages(datagram("/perpetuum/notice", (text, number, whole)))
    assert text.encode(errors="replace").decode().startswith(sent.split("\0")[0][:10])
