from hypothesis import given
from hypothesis import strategies as st

from stream.errors import LONGEST, SinkError, StreamError, VoiceError


@given(st.text(), st.sampled_from([StreamError, VoiceError, SinkError]))
def test_a_message_is_one_printable_line(text, kind):
    shown = str(kind(text))
    assert shown.isprintable()
    assert shown == text or not text.isprintable()


def test_a_message_keeps_its_beginning_and_its_end():
    shown = str(StreamError("value " + "x" * 10**6 + " remedy"))
    assert shown.startswith("value x")
    assert shown.endswith("x remedy")
    assert len(shown) == LONGEST + 3


def test_a_terminal_obeys_no_message():
    assert str(VoiceError("voice a\nb\x1b[2J\udc80: no")) == r"voice a\nb\x1b[2J\udc80: no"
