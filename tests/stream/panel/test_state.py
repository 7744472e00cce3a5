import pytest

from stream.music.controls import Controls
from stream.panel.state import State
from tests.stream.panel.fake_player import CONTROLS, PROFILE, hello, phrase


@pytest.fixture
def state():
    found = State()
    for event in (
        {"hello": hello(profile=PROFILE)},
        {"controls": CONTROLS | {"bpm": 90.0, "style": "bach:0.7,jazz:0.3"}},
        {"outputs": ["port:One", "null"]},
        {"outputs": ["null"]},
        {"ports": ["port:Two"]},
        {"phrase": phrase(0, 10.0)},
        {"notice": "hello"},
    ):
        found.update(event)
    return found


def test_a_browser_that_comes_late_knows_everything(state):
    document = state.document(11.0)
    assert document["now"] == 11.0
    assert document["controls"]["bpm"] == 90.0
    assert document["phrases"] == [phrase(0, 10.0)]
    assert document["notices"] == ["hello"]
    assert (document["outputs"], document["ports"]) == (["null"], ["port:Two"])


def test_where_files_lie_is_nobodys_business(state):
    told = state.update({"hello": hello()})
    for known in (told["hello"], state.document(0.0)["hello"]):
        assert known["voice"] == "commons"
        assert known.keys().isdisjoint({"voice_file", "recordings"})


def test_what_may_be_asked_for(state):
    assert state.outputs == ("port:One", "null", "port:Two")
    assert state.voices == ("commons", "other")
    assert state.controllers == {"cutoff", "resonance"}
    assert state.controls.bpm == 90.0
    assert state.controls.style == ((("bach", 0.7), ("jazz", 0.3)),)


@pytest.mark.parametrize(
    "event",
    [
        {}, {"what": 1}, {"phrase": None}, {"phrase": {}}, {"cut": "x"}, {"moved": 3},
        {"moved": [1]}, {"hello": 5}, {"phrase": {"start": "x", "end": 1, "notes": []}},
    ],
)  # fmt: skip
def test_what_is_no_event_is_told_to_nobody(state, event):
    before = state.document(11.0)
    assert state.update(event) is None
    assert state.document(11.0) == before


def test_controls_that_are_not_valid_are_the_usual_ones(state):
    for controls in ({"bpm": -1}, {"tempo": 3}, 5, None):
        state.update({"controls": controls})
        assert state.controls == Controls()


def test_the_file_of_an_ensemble_is_known_by_its_name_only(state):
    mine = {"name": "/home/me/mine.toml", "title": "Mine", "parts": ["lead"]}
    told = state.update({"hello": hello(ensembles=[mine])})
    assert told["hello"]["ensembles"] == [mine | {"name": "mine.toml"}]
    told = state.update({"controls": CONTROLS | {"ensemble": mine["name"]}})
    assert told["controls"]["ensemble"] == "mine.toml"
    assert state.document(11.0)["controls"]["ensemble"] == "mine.toml"
    assert state.ensembles.requested("mine.toml") == mine["name"]


def test_the_arc_of_the_energy_comes_with_what_bends_it(state):
    told = state.update({"phrase": phrase(1, 14.0) | {"energy": 0.4}})
    assert told["arc"]["known"] == [(14.0, 0.4)]
    assert told["arc"]["coming"][0][0] == 18.0
    told = state.update({"controls": CONTROLS | {"energy": 0.9, "arc": 0.0}})
    assert {energy for _, energy in told["arc"]["coming"]} == {0.9}
    assert state.document(11.0)["arc"] == told["arc"]
    assert "arc" not in state.update({"playing": True})
