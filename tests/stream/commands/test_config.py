import tomllib

import pytest

from stream.__main__ import main
from stream.config.reference import page


@pytest.fixture
def config(tmp_path):
    return tmp_path / "stage.toml"


def test_show(config, capsys):
    config.write_text("bpm = 90\nout = 'null'\nseed = 7\n")
    assert main(["config", "--show", "--config", str(config)]) == 0
    shown = tomllib.loads(capsys.readouterr().out)
    assert (shown["bpm"], shown["out"], shown["seed"]) == (90, ["null"], 7)
    assert shown["voice"] == "commons"
    assert "minutes" not in shown


def test_show_what_applies_without_a_file(capsys):
    assert main(["config", "--show"]) == 0
    shown = capsys.readouterr().out
    assert 'voice = "commons"\nout = []\nabsent = "refuse"\n# seed =\n' in shown
    assert 'bpm = "auto"\n' in shown


def test_document(capsys):
    assert main(["config", "--document"]) == 0
    assert capsys.readouterr().out == page()


def test_a_file_that_is_right(config, capsys):
    config.write_text(
        "style = 'folk'\nprofile = 'moog-minitaur'\ncc = 'cutoff=1'\nout = 'osc:localhost:1'\n"
        "osc = '127.0.0.1:9000'\n"
    )
    assert main(["config", "--check", str(config)]) == 0
    assert capsys.readouterr().out == "ok\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bmp = 90", "stage.toml: bmp: unknown key; known are voice, out"),
        ("bpm = 10", "stage.toml: bpm: 10 is out of range; give a number from 20 to 300"),
        ("low = 60\nhigh = 50", "low 60 is above high 50"),
        ("scale = 'H'", "scale 'H': write a key"),
        ("style = 'polka'", "--style polka: voice commons has"),
        ("voice = 'none'", "voice 'none': unknown"),
        ("profile = 'none'", "profile 'none': unknown; known are"),
        ("profile = 'moog-minitaur'\ncc = 'bass=1'", "cc 'bass': not a controller"),
        ("cc = 'x'", "cc 'x': write a controller and its value"),
        ("out = 'piano'", "--out piano: no such output"),
        ("out = 'file:a.wav'", "--out file:a.wav: a recording is a MIDI file"),
        ("osc = '9000'", "osc 9000: not an address"),
    ],
)
def test_a_file_that_is_wrong(config, capsys, text, message):
    config.write_text(text)
    assert main(["config", "--check", str(config)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["--show", "--check", "x"]])
def test_one_thing_at_a_time(arguments):
    with pytest.raises(SystemExit) as ended:
        main(["config", *arguments])
    assert ended.value.code == 2


def test_a_clock_that_comes_from_nowhere_is_refused_at_once(config, capsys):
    config.write_text("clock = 'follow'\n")
    reasons = []
    for call in (["config", "--check", str(config)], ["play", "--clock", "follow"]):
        assert main(call) == 2
        reasons.append(capsys.readouterr().err)
    assert reasons[0] == reasons[1]
    assert reasons[0].startswith("perpetuum: --clock follow: no input is given; name")
    config.write_text("clock = 'follow'\ninput = 'port:TR'\n")
    assert main(["config", "--check", str(config)]) == 0
