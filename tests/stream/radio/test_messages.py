import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.radio.messages import event_in, midi_line, title_line, token_line
from stream.radio.renderer import Event

TIMES = st.floats(0, 1e9)


@given(TIMES, st.binary(min_size=1, max_size=3))
def test_a_message_survives_the_way(time, data):
    event = event_in(json.loads(midi_line(time, data)))
    assert event == Event(pytest.approx(time, abs=1e-6), data)


@given(TIMES, st.text(min_size=1, max_size=100))
def test_a_title_survives_the_way(time, title):
    assert event_in(json.loads(title_line(time, title))) == Event(time, title=title)


def test_a_token_is_no_event():
    line = json.loads(token_line("abc"))
    assert line == {"token": "abc"}
    assert event_in(line) is None


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"midi": None},
        {"midi": [1.0]},
        {"midi": [1.0, "xx"]},
        {"midi": [1.0, ""]},
        {"midi": ["1", "90"]},
        {"midi": [-1.0, "90"]},
        {"title": [1.0, 2]},
        {"hello": {}},
    ],
)
def test_what_is_no_event(line):
    assert event_in(line) is None
