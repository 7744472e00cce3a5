"""Entities from events alone, without a broker."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import SettingsError
from stream.home.entities import entities
from stream.home.entity import LONGEST_STATE
from stream.home.radio_url import radio_url
from stream.home.state import HomeState
from stream.home.title import title
from stream.music.controls import CONTROLS, ControlTable
from tests.stream.panel.fake_player import hello, phrase

COMMANDS = frozenset({"set", "play", "next", "voice"})
NOW = 1000.0


@pytest.fixture
def state():
    found = HomeState()
    for event in (
        {"hello": hello()},
        {"controls": dataclasses.asdict(ControlTable())},
        {"playing": True},
    ):
        assert found.update(event)
    return found


def known(state, commands=COMMANDS, radio="", now=NOW):
    return {each.key: each for each in entities(state, commands, now, radio)}


def test_nothing_is_told_before_the_player_has_told_its_controls():
    state = HomeState()
    state.update({"hello": hello()})
    assert known(state) == {}


def test_every_slider_of_the_table_is_a_number(state):
    numbers = {key for key, each in known(state).items() if each.platform == "number"}
    assert numbers == {name for name, control in CONTROLS.items() if control.slider}


@pytest.mark.parametrize("command", ["keep", "sleep"])
def test_a_button_is_there_if_the_player_knows_its_command(state, command):
    assert command not in known(state)
    button = known(state, COMMANDS | {command})[command]
    assert list(button.command("PRESS")) == [command]


def test_a_command_of_the_player_is_checked_as_the_player_does(state):
    found = known(state)
    assert found["bpm"].command("90") == {"set": {"bpm": 90.0}}
    assert found["transpose"].command("-12.0") == {"set": {"transpose": -12}}
    assert found["style"].command("any") == {"set": {"style": ""}}
    assert found["ensemble"].command("the style's own") == {"set": {"ensemble": ""}}
    assert found["play_pause"].command("PRESS") == {"play": False}
    for key, payload in [("transpose", "1.5"), ("bpm", ""), ("high", "1e99"), ("low", "128")]:
        with pytest.raises(SettingsError):
            found[key].command(payload)


def test_what_sounds_is_what_is_told(state):
    facts = {"kind": "jig", "key": "E minor", "meter": "6/8", "set": "tune 1 of 3", "energy": 0.456}
    state.update({"phrase": phrase(0, NOW) | facts})
    state.update({"phrase": phrase(4, NOW + 4.0) | facts})
    now = known(state, now=NOW + 1)["now_playing"]
    assert now.state == "folk: jig in E minor, 6/8, 120 bpm"
    assert now.attributes == {
        "tune": 1, "style": "folk", "kind": "jig", "key": "E minor", "meter": "6/8",
        "set": "tune 1 of 3", "tempo": 120, "energy": 0.46, "voice": "commons", "playing": True,
    }  # fmt: skip
    assert known(state, now=NOW + 1)["bpm"].state == "120"
    assert known(state, now=NOW + 5)["now_playing"].attributes["tune"] == 2
    state.update({"moved": [NOW + 4.0, 10.0]})
    assert known(state, now=NOW + 5)["now_playing"].attributes["tune"] == 1
    state.update({"cut": NOW + 0.5})
    assert known(state, now=NOW + 1)["now_playing"].state == "silence"
    state.update({"playing": False})
    assert known(state, now=NOW)["now_playing"].state == "paused"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, ""),
        ({"style": "folk"}, "folk"),
        ({"style": "folk", "tempo": 90}, "folk: 90 bpm"),
        ({"key": "C major", "meter": "3/4"}, "in C major, 3/4"),
    ],
)
def test_a_title_holds_what_is_known(facts, text):
    assert title(facts) == text


def test_the_sleep_timer_counts_down(state):
    commands = COMMANDS | {"sleep"}
    assert known(state, commands)["sleep_timer"].state == "0"
    state.update({"sleep": {"end": NOW + 61.0, "asleep": False}})
    assert known(state, commands)["sleep_timer"].state == "2"
    assert known(state, commands, now=NOW + 2)["sleep_timer"].state == "1"
    state.update({"sleep": None})
    timer = known(state, commands)["sleep_timer"]
    assert timer.state == "0"
    assert timer.command("30") == {"sleep": 30.0}
    for payload in ("-1", "241", "nan", "soon"):
        with pytest.raises(SettingsError, match="sleep_timer: "):
            timer.command(payload)


def test_the_day_says_why_it_sounds_so(state):
    assert "day" not in known(state)
    state.update({"day": {"sentence": "Since 07:00: folk, until 22:00."}})
    assert known(state)["day"].state == "Since 07:00: folk, until 22:00."
    state.update({"day": None})
    assert "day" not in known(state)


def test_the_radio_has_the_address_that_speakers_reach(state, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "perpetuum" / "radio").mkdir(parents=True, mode=0o700)
    token = tmp_path / "perpetuum" / "radio" / "token"
    token.write_text("t" * 32 + "\n")
    token.chmod(0o600)
    with_token = f"/radio.mp3?token={'t' * 32}"
    outside, inside = "radio:192.0.2.1:8766", "radio:127.0.0.1:8766"
    assert radio_url(["null"], "192.0.2.1:8765") == ""
    assert radio_url(["null", outside], "") == f"http://192.0.2.1:8766{with_token}"
    assert radio_url([inside], "192.0.2.1:8765") == f"http://192.0.2.1:8765{with_token}"
    assert radio_url([inside], "") == "http://127.0.0.1:8766/radio.mp3"
    assert radio_url([inside], "127.0.0.1:8765") == "http://127.0.0.1:8766/radio.mp3"
    assert known(state, radio="http://x/radio.mp3")["radio"].state == "http://x/radio.mp3"
    assert "radio" not in known(state)


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
EVENTS = st.sampled_from(
    ["hello", "controls", "playing", "outputs", "day", "sleep", "phrase", "cut", "moved", "other"]
)


@given(st.lists(st.tuples(EVENTS, JUNK), max_size=6))
def test_whatever_is_told_the_entities_fit(events):
    state = HomeState()
    state.update({"hello": hello()})
    state.update({"controls": dataclasses.asdict(ControlTable())})
    for name, value in events:
        state.update({name: value})
    for each in entities(state, COMMANDS | {"sleep"}, NOW):
        assert each.state is None or len(each.state) <= LONGEST_STATE
