import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.controls import Controls
from stream.music.tune_facts import TuneFacts, meter_of


@pytest.mark.parametrize(
    ("meter", "written"),
    [
        ("6x24", "6/8"), ("8x24", "4/4"), ("8x12", "2/4"), ("9x24", "9/8"), ("3x48", "3/4"),
        ("4x48", "4/4"), ("2x96", "2/2"), ("12x24", "12/8"), ("16x12", "4/4"), ("12x12", "3/4"),
        ("4x24", "2/4"), ("2x48", "2/4"), ("10x24", "5/4"), ("7x24", "7/8"), ("3x24", "3/8"),
        ("6x48", "6/4"), ("4x16", ""), ("4x36", ""), ("4x1000", ""),
    ],
)  # fmt: skip
def test_a_meter_is_written_as_musicians_do(meter, written):
    assert meter_of(*map(int, meter.split("x"))) == written


@given(st.integers(1, 99), st.integers(1, 400))
def test_a_written_meter_is_as_long_as_the_bar(bar, unit):
    if written := meter_of(bar, unit):
        beats, below = map(int, written.split("/"))
        assert 192 // below * beats == bar * unit


def test_a_title_holds_what_is_known():
    jig = TuneFacts(kind="jig", key="D major", meter="6/8", set_place=2, set_size=3)
    assert (jig.title, jig.set_text) == ("jig in D major, 6/8", "2 of 3")
    assert TuneFacts(key="F# minor").title == "in F# minor"
    assert TuneFacts(kind="reel", meter="4/4").title == "reel, 4/4"
    assert (TuneFacts(tempo=90.0).title, TuneFacts().set_text) == ("", "")


def test_a_fixed_tempo_wins_over_that_of_the_tune():
    assert Controls(bpm=100.0).tempo(TuneFacts(tempo=90.0)) == 100.0
    assert Controls().tempo(TuneFacts(tempo=90.0)) == 90.0
    assert Controls().tempo(TuneFacts()) == 120.0


def test_a_tune_stays_within_the_tempos_asked_for():
    calm = Controls(slowest=60.0, fastest=84.0)
    assert [calm.tempo(TuneFacts(tempo=own)) for own in (50.0, 70.0, 90.0)] == [60.0, 70.0, 84.0]
    assert dataclasses.replace(calm, bpm=100.0).tempo(TuneFacts(tempo=90.0)) == 100.0
