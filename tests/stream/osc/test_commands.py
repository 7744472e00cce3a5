import contextlib
import math
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import SettingsError
from stream.music.controls import CONTROLS, Controls
from stream.osc.commands import COMMANDS, SENT_ONLY, OscCommands
from stream.osc.reference import documented

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "osc.md"


@pytest.fixture
def commands():
    found = OscCommands()
    found.update({"hello": {"voices": ["commons", "mine"]}})
    return found


@pytest.mark.parametrize(
    ("name", "arguments", "command"),
    [
        ("bpm", [90], {"set": {"bpm": 90}}),
        ("bpm", ["90.5"], {"set": {"bpm": 90.5}}),
        ("bpm", ["auto"], {"set": {"bpm": 0.0}}),
        ("bpm", [0], {"set": {"bpm": 0.0}}),
        ("temperature", [0.5], {"set": {"temperature": 0.5}}),
        ("density", [-1.0], {"set": {"density": -1.0}}),
        ("swing", [0.25], {"set": {"swing": 0.25}}),
        ("transpose", [-5.0], {"set": {"transpose": -5}}),
        ("low", [40.0], {"set": {"low": 40}}),
        ("high", [80], {"set": {"high": 80}}),
        ("scale", ["F# dorian"], {"set": {"scale": "F# dorian"}}),
        ("scale", [""], {"set": {"scale": ""}}),
        ("style", ["bach:3,jazz:1"], {"set": {"style": "bach:0.75,jazz:0.25"}}),
        ("top_p", [1], {"set": {"top_p": 1}}),
        ("walk", [8.0], {"set": {"walk": 8}}),
        ("candidates", [4], {"set": {"candidates": 4}}),
        ("play", [0], {"play": False}),
        ("play", [1.0], {"play": True}),
        ("play", [True], {"play": True}),
        ("next", [], {"next": True}),
        ("next", [1], {"next": True}),
        ("next", [0.0], None),
        ("panic", [], {"panic": True}),
        ("save", [], {"save": 10}),
        ("save", [2.5], {"save": 2.5}),
        ("sleep", [20], {"sleep": 20}),
        ("sleep", [0.0], {"sleep": 0.0}),
        ("day", ["until next"], {"day": "until next"}),
        ("day", ["follow"], {"day": "follow"}),
        ("volume", [0.5], {"set": {"volume": 0.5}}),
        ("stars", [5.0], {"stars": 5}),
        ("ensemble", ["jazz"], {"set": {"ensemble": "jazz"}}),
        ("ensemble", ["Band"], {"set": {"ensemble": "band"}}),
        ("ensemble", [""], {"set": {"ensemble": ""}}),
        ("parts", ["drums=2, bass=off"], {"set": {"parts": "bass=off,drums=2"}}),
        ("part/bass", [0.0], {"set": {"parts": "bass=off"}}),
        ("part/bass", [1], {"set": {"parts": ""}}),
        ("energy", [0.25], {"set": {"energy": 0.25}}),
        ("arc", [0], {"set": {"arc": 0}}),
        ("expression", [1.5], {"set": {"expression": 1.5}}),
        ("stars", [5, 17.0], {"stars": {"stars": 5, "tune": 17}}),
        ("voice", ["mine"], {"voice": "mine"}),
        ("out", ["port:Volca", "null"], {"out": ["port:Volca", "null"]}),
        ("cc/cutoff", [80.0], {"cc": {"cutoff": 80}}),
        ("cc/74", [0], {"cc": {"74": 0}}),
        *((name, ["anything"], None) for name in SENT_ONLY),
    ],
)
def test_commands(commands, name, arguments, command):
    assert commands.command(f"/perpetuum/{name}", arguments) == command


def test_every_control_has_an_address(commands):
    for name in CONTROLS:
        with pytest.raises(SettingsError, match=f"{name}: 0 values; give one"):
            commands.command(f"/perpetuum/{name}", [])


def test_the_page_names_every_address():
    text = PAGE.read_text(encoding="utf-8")
    for name in (*CONTROLS, *COMMANDS, *SENT_ONLY, "cc/NAME", "subscribe", "unsubscribe"):
        assert re.search(rf"`/perpetuum/{name}[`/]", text), name


def test_the_page_has_the_table_of_controls():
    text = PAGE.read_text(encoding="utf-8")
    assert "| `/perpetuum/swing` | 0 to 0.75 | Delay of the second eighth note of each" in text
    assert "| `/perpetuum/bpm` | 20 to 300, or auto | Tempo in quarter notes per minute; " in text
    assert text == documented(text), "run: python -m stream.osc.reference docs/osc.md"


def test_what_is_not_for_us(commands):
    assert commands.command("/mixer/fader", [1]) is None
    assert commands.command("/perpetuumx", []) is None


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("bpm", [301], "bpm: 301 is out of range; give a number from 20 to 300"),
        ("bpm", [math.nan], "bpm: nan is not a number from 20 to 300"),
        ("bpm", [True], "bpm: True is not a number"),
        ("bpm", [None], "bpm: None is not a number"),
        ("bpm", [b"x"], "bpm: b'x' is not a number"),
        ("bpm", [[120]], "bpm: .120. is not a number"),
        ("bpm", [90, 91], "bpm: 2 values; give one"),
        ("transpose", [0.5], "transpose: 0.5 is not a whole number from -36 to 36"),
        ("transpose", [math.inf], "transpose: inf is not a whole number"),
        ("scale", ["H major"], "scale 'H major': write a key"),
        ("style", [":"], "is not a style with a weight"),
        ("play", [], "play: 0 values; give one"),
        ("play", [2], "play: 2 is neither 0 nor 1"),
        ("play", ["yes"], "play: 'yes' is neither 0 nor 1"),
        ("next", [3], "next: 3 is neither 0 nor 1"),
        ("save", [0], "save: 0 is not a number above 0 and up to 1440"),
        ("save", [math.nan], "save: nan is not a number above 0"),
        ("save", [True], "save: True is not a number"),
        ("sleep", [-1], "sleep: -1 is not a number from 0 to 1440"),
        ("sleep", [math.inf], "sleep: inf is not a number from 0 to 1440"),
        ("sleep", [], "sleep: 0 values; give one"),
        ("day", ["night"], "day: 'night' is not one of until next, follow"),
        ("ensemble", ["/etc/passwd"], "ensemble '/etc/passwd': not available; give one of ambient"),
        ("ensemble", ["../band.toml"], "ensemble '../band.toml': not available"),
        ("ensemble", [1], "ensemble: 1 is not a text"),
        ("parts", ["bas=off"], "'bas' is not a part"),
        ("part/tuba", [0], "part/'tuba': not a part; give one of lead, harmony"),
        ("part/bass", [2], "part/bass: 2 is neither 0 nor 1"),
        ("energy", [2], "energy: 2 is out of range"),
        ("stars", [6], "stars: 6 is not a whole number from 1 to 5"),
        ("stars", [], "stars: 0 values"),
        ("stars", [5, -1], "stars: -1 is not a whole number from 0"),
        ("stars", [5, 1, 1], "stars: 2 values"),
        ("voice", ["/etc/passwd"], "voice '/etc/passwd': unknown; known are commons, mine"),
        ("voice", [1], "voice: 1 is not a text"),
        ("out", [], "out: 0 outputs; give 1 to 16"),
        ("out", ["null"] * 17, "out: 17 outputs"),
        ("out", [1], "out: 1 is not a text"),
        ("out", ["null", "file:/x.mid"], "out 'file:/x.mid': not available through OSC; give port"),
        ("out", ["serial:/dev/ttyS0"], "not available through OSC"),
        ("out", ["fluidsynth:/etc/passwd"], "not available through OSC"),
        ("cc/cutoff", [128], "cc: 128 is not a whole number from 0 to 127"),
        ("cc/cutoff", [math.nan], "cc: nan is not a whole number"),
        ("cc/", [1], "cc/'': not a controller; send /perpetuum/cc/cutoff or /perpetuum/cc/74"),
        ("cc/a/b", [1], "cc/'a/b': not a controller"),
        ("bpm/now", [1], "'/perpetuum/bpm/now': unknown address; known below /perpetuum/: bpm"),
        ("tempo", [1], "'/perpetuum/tempo': unknown address"),
        ("", [1], "'/perpetuum/': unknown address"),
    ],
)  # fmt: skip
def test_refusals(commands, name, arguments, reason):
    with pytest.raises(SettingsError, match=reason):
        commands.command(f"/perpetuum/{name}", arguments)
    assert commands.controls == Controls()


def test_a_value_must_be_consistent_with_the_other_controls(commands):
    commands.update({"controls": {"low": 40, "high": 60, "style": "folk", "newer": 1}})
    with pytest.raises(SettingsError, match="low 61 is above high 60"):
        commands.command("/perpetuum/low", [61])
    assert commands.command("/perpetuum/high", [72]) == {"set": {"high": 72}}
    assert commands.command("/perpetuum/low", [61]) == {"set": {"low": 61}}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3),
)
names = st.text() | st.sampled_from([*CONTROLS, "play", "next", "save", "out", "cc/x", "voice"])


@given(names, st.lists(values, max_size=3))
def test_anything_is_a_command_or_refused(name, arguments):
    with contextlib.suppress(SettingsError):
        command = OscCommands().command(f"/perpetuum/{name}", arguments)
        assert command is None or len(command) == 1


def test_parts_are_turned_off_one_by_one(commands):
    for address, plays, parts in (
        ("bass", 0, "bass=off"), ("drums", 0, "bass=off,drums=off"), ("bass", 1, "drums=off"),
    ):  # fmt: skip
        assert commands.command(f"/perpetuum/part/{address}", [plays]) == {"set": {"parts": parts}}


def test_the_ensemble_of_the_owner_is_requested_by_the_name_of_its_file(commands, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[parts.lead]\n')
    commands.update({"hello": {"ensembles": [{"name": str(path)}]}})
    assert commands.command("/perpetuum/ensemble", ["mine.toml"]) == {
        "set": {"ensemble": str(path)}
    }
    with pytest.raises(SettingsError, match="not available"):
        commands.command("/perpetuum/ensemble", [str(path)])
