import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.config.bounds import RANGES
from stream.midi_in.control_changes import ControlChanges
from stream.midi_in.mapping import map_of
from stream.midi_in.tap_tempo import TapTempo


@given(st.floats(31, 290), st.integers(2, 9))
def test_the_tempo_is_that_of_the_taps(bpm, taps):
    tempo = TapTempo()
    found = [tempo.tap(10 + i * 60 / bpm) for i in range(taps)]
    assert found[0] is None
    assert found[1:] == pytest.approx([bpm] * (taps - 1), abs=0.06)


@given(st.lists(st.floats(0, 5), max_size=20))
def test_no_taps_leave_the_range(pauses):
    tempo, now = TapTempo(), 0.0
    low, high = RANGES["bpm"]
    for pause in pauses:
        now += pause
        found = tempo.tap(now)
        assert found is None or low <= found <= high


def test_one_tap_that_is_off_changes_little():
    tempo = TapTempo()
    found = [tempo.tap(at) for at in (0.0, 0.5, 1.0, 1.65, 2.0)]
    assert found[-1] == pytest.approx(120, rel=0.01)


def test_a_button_taps_the_tempo():
    changes = ControlChanges(map_of({"cc": [{"number": 80, "control": "tap"}]}, "map"))
    press, release = bytes((0xB0, 80, 127)), bytes((0xB0, 80, 0))
    assert changes.message(1.0, press) == []
    assert changes.message(1.2, release) == []
    assert changes.message(1.6, press) == [{"set": {"bpm": 100.0}}]
