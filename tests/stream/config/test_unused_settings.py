"""Settings that change nothing are told at the start, and by `config --check`."""

import dataclasses
import pathlib

import pytest

from stream.__main__ import main
from stream.config.settings import Settings, load
from stream.config.unused_settings import without_effect
from stream.errors import SinkError
from stream.music.controls import CONTROLS
from stream.voices.spec import find_voice, read_spec

DATA = pathlib.Path(__file__).parents[2] / "data"
TINY = DATA / "tiny.onnx"
ROOM = {
    "input": "port:",
    "panel": "0.0.0.0:8765",
    "osc": "127.0.0.1:9000",
    "mqtt": "box",
    "mqtt_tls": True,
    "out": ("port:",),
    "style": "odd/even",
}
"""With which everything has an effect."""
IDLE = {
    "map": {"map": "a.toml"},
    "answer": {"answer": "duet"},
    "thru": {"thru": True},
    "absent": {"absent": "await"},
    "responsive": {"responsive": True},
    "walk": {"walk": 8},
    "density": {"density": 0.5, "candidates": 1},
    "recordings": {"recordings": "x", "record": 0.0},
    "gain": {"gain": 0.5},
    "kept": {"kept": "x", "record": 0.0},
    "osc_to": {"osc_to": ("192.0.2.1",)},
    "mqtt_credentials": {"mqtt_credentials": "a"},
    "mqtt_tls": {"mqtt_tls": True},
    "mqtt_ca": {"mqtt_ca": "a.pem"},
    "mdns": {"mdns": True},
    "name": {"name": "Kitchen"},
    "pairing_code": {"pairing_code": "a"},
}
WITH = {
    "recordings": {"record": 4.0},
    "gain": None,  # of no use to a voice that plays notes, whatever else is given
    "kept": {"record": 4.0},
}


def idle(voice="commons", **settings):
    found = without_effect(Settings(**settings), read_spec(find_voice(voice)))
    return [line.partition(":")[0].removeprefix("--").replace("-", "_") for line in found]


@pytest.mark.parametrize("name", ["pitch_memory", "rhythm_memory"])
def test_half_a_memory_is_of_no_use_to_several_parts(name):
    assert idle("chorale", **{name: 0.5}) == [name]
    assert idle("commons", **{name: 0.5}) == idle("chorale") == []
    assert idle("chorale", pitch_memory=0.5, rhythm_memory=0.5) == []
    assert idle("chorale", **{name: 0.5}, panel="127.0.0.1:8765") == []


@pytest.mark.parametrize("name", IDLE)
def test_what_has_no_effect_is_told(name):
    assert idle(**IDLE[name]) == [name]


@pytest.mark.parametrize("name", [name for name in IDLE if WITH.get(name, {}) is not None])
def test_what_has_an_effect_is_not(name):
    assert idle(**(ROOM | IDLE[name] | WITH.get(name, {}))) == []


def test_nothing_is_told_of_the_defaults():
    assert idle() == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"absent": "await", "out": ("file:a.mid", "null")}, ["absent"]),
        ({"absent": "await", "out": ("null", "serial:/dev/x")}, []),
        ({"clock": "send", "out": ("null", "fluidsynth")}, ["clock"]),
        ({"clock": "send", "out": ("null", "osc:h:1")}, []),
        ({"clock": "send"}, []),
    ],
)
def test_outputs(settings, told):
    assert idle(**settings) == told


@pytest.mark.parametrize(
    ("voice", "channels", "told"),
    [
        ("commons", "soprano=3", False),
        ("commons", "tenor=3", True),
        ("commons", "chords=3", True),
        ("piano", "bass=3", True),
        ("chorale", "soprano=3,bass=9", False),
        ("session", "melody=2,chords=3", False),
        ("session", "melody=2,bass=3", True),
        ("blues", "melody=2,bass=3", False),
    ],
)
def test_channels_of_parts_that_a_voice_lacks(voice, channels, told):
    assert idle(voice, channels=channels) == ["channels"] * told


def test_every_setting_was_thought_of():
    """A new setting is put into one of these lists, so that its siblings are asked about it."""
    always = {
        "voice", "out", "seed", "minutes", "stats", "profile", "cc", "input", "panel", "osc",
        "record", "fade", "fade_in", "every", "day", "place", "mqtt", "radio",
        *(CONTROLS.keys() - IDLE.keys()),
    }  # fmt: skip
    asked = {*IDLE, "clock", "channels"}
    assert always | asked == {field.name for field in dataclasses.fields(Settings)}
    assert not always & asked


@pytest.fixture
def config(tmp_path):
    return tmp_path / "stage.toml"


def test_the_check_of_a_file_tells_it_too(config, capsys):
    config.write_text("map = 'knobs.toml'\nthru = true\ngain = 0.5\n")
    config.with_name("knobs.toml").write_text("")
    text = config.read_text().replace("knobs.toml", str(config.with_name("knobs.toml")))
    config.write_text(text)
    assert main(["config", "--check", str(config)]) == 0
    told = capsys.readouterr()
    assert told.out == "ok\n"
    for name, line in zip(("map", "thru", "gain"), told.err.splitlines(), strict=True):
        assert line.startswith(f"perpetuum: {config}: --{name}: has no effect: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("panel = '8765'", "--panel 8765: not an address"),
        ("osc = '127.0.0.1:0'", "--osc 127.0.0.1:0: not an address"),
        ("input = 'virtual:'", "--input virtual:: has no name"),
        ("input = 'x'\nmap = '/none.toml'", "--map /none.toml: cannot be read"),
        ("voice = 'wave'\nout = 'port:'", "--out port:: this voice makes sound"),
        ("voice = 'wave'\npanel = '127.0.0.1:1'", "--panel: a voice that generates sound cannot"),
    ],
)
def test_what_play_would_refuse_is_refused(config, capsys, text, message):
    config.write_text(text)
    assert main(["config", "--check", str(config)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.count("\n") == 1


def test_a_file_for_a_voice_of_sound_is_right(config, capsys):
    config.write_text("voice = 'wave'\nout = 'audio'\nbpm = 90\n")
    assert main(["config", "--check", str(config)]) == 0
    told = capsys.readouterr()
    assert told.out == "ok\n"
    assert told.err == f"perpetuum: {config}: bpm: has no effect on a voice that generates sound\n"


@pytest.mark.parametrize("flag", ["--document", "--check"])
def test_a_configuration_that_is_not_shown_is_refused(config, capsys, flag):
    config.write_text("")
    line = ["config", flag, *([str(config)] if flag == "--check" else [])]
    assert main([*line, "--config", "other.toml"]) == 2
    assert "--config other.toml: applies to --show only" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["panel", "osc"])
def test_play_refuses_an_address_that_is_none(flag, capsys):
    line = ["play", "--voice", str(TINY), "--out", "null", "--record", "0", f"--{flag}", "here"]
    assert main(line) == 2
    assert f"perpetuum: --{flag} here: not an address" in capsys.readouterr().err


def test_a_rating_of_a_style_that_no_voice_has_is_told(tmp_path, capsys):
    kept = str(tmp_path / "r.jsonl")
    line = ["rate", str(DATA / "tiny.mid"), "--stars", "3", "--ratings", kept, "--style"]
    assert main([*line, "FOLK"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*line, "flok"]) == 0
    assert "did you mean 'folk'?" in capsys.readouterr().err


def test_why_an_output_is_awaited_is_told(monkeypatch):
    from stream.play.sinks import opening, serialport

    def refuse(self):
        message = f"{self.name}: Permission denied; join the group dialout"
        raise SinkError(message)

    monkeypatch.setattr(serialport.SerialSink, "connect", refuse)
    settings = load(None, {"out": "serial:/dev/x", "absent": "await"})
    playing, absent, why = opening.open_outputs(settings)
    assert (playing, [sink.name for sink in absent]) == ([], ["serial:/dev/x"])
    assert "Permission denied; join the group dialout" in why


def test_an_output_that_is_named_twice_is_told_and_opened_once():
    from stream.play.sinks import opening

    settings = load(None, {"out": ["null", "null"]})
    assert idle(out=settings.out) == ["out null"]
    playing, _, _ = opening.open_outputs(settings)
    assert [sink.name for sink in playing] == ["null"]


def test_two_names_of_one_flag_are_refused(capsys):
    assert main(["explain", "--count", "3", "--candidates", "4"]) == 2
    assert "--count 3: is another name of --candidates" in capsys.readouterr().err


def test_a_tempo_that_no_rule_hears_is_told(capsys):
    assert main(["explain", "--voice", str(TINY), "--count", "2", "--bpm", "90"]) == 0
    assert capsys.readouterr().err.startswith("perpetuum: --bpm: has no effect: ")


def test_controllers_that_no_file_holds_are_told(tmp_path, capsys):
    path = str(tmp_path / "a.mid")
    assert main(["render", path, "--voice", str(TINY), "--minutes", "0.01", "--cc", "7=1"]) == 0
    assert capsys.readouterr().err.startswith("perpetuum: --cc: has no effect: ")
