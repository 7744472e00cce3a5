import dataclasses
import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.note import Phrase, phrase_from_json, to_json
from stream.music.scale import DEGREES, key_name
from stream.play.timing.tune_heading import heading

PLAIN = Phrase((), 192, 120.0, index=0, tune=4, style="folk", voice="v", seed=0)
JIG = dataclasses.replace(
    PLAIN, kind="jig", key="Eb major", meter="6/8", set_place=2, set_size=3, tempo=112.0
)
METERS = st.tuples(st.integers(1, 99), st.integers(1, 99)).map(lambda m: f"{m[0]}/{m[1]}")
KEYS = st.builds(key_name, st.integers(0, 11), st.sampled_from(sorted(DEGREES)))


def test_a_tune_has_a_meter_a_key_and_a_name():
    assert heading(JIG, None) == [
        mido.MetaMessage("time_signature", numerator=6, denominator=8, clocks_per_click=36),
        mido.MetaMessage("key_signature", key="Eb"),
        mido.MetaMessage("marker", text="folk: jig in Eb major, 6/8 (2 of 3)"),
    ]


def test_only_the_beginning_of_a_tune_has_a_heading():
    assert heading(JIG, JIG) == []
    assert heading(JIG, dataclasses.replace(JIG, index=9, set_place=1)) == []
    for other in ({"tune": 5}, {"key": "E major"}, {"kind": "", "key": "", "meter": ""}):
        assert len(heading(JIG, dataclasses.replace(JIG, **other))) == 3


def test_a_tune_of_which_nothing_is_known_has_none():
    assert heading(PLAIN, None) == heading(PLAIN, JIG) == []


@pytest.mark.parametrize(
    ("meter", "clocks"), [("4/4", 24), ("2/2", 48), ("3/8", 36), ("7/8", 12), ("12/8", 36)]
)
def test_a_metronome_clicks_the_beat(meter, clocks):
    signature, *_ = heading(dataclasses.replace(JIG, meter=meter), None)
    assert signature.clocks_per_click == clocks


@given(METERS, KEYS, st.text(max_size=200))
def test_a_file_reads_back_whatever_is_told(meter, key, style):
    phrase = dataclasses.replace(JIG, meter=meter, key=key, style=style)
    assert phrase_from_json(to_json(phrase)) == phrase
    told = heading(phrase, None)
    file = mido.MidiFile(tracks=[mido.MidiTrack(told)])
    file.save(file=(stored := io.BytesIO()))
    stored.seek(0)
    assert mido.MidiFile(file=stored).tracks[0][: len(told)] == told
    assert all(len(message.bin()) < 127 for message in told)
