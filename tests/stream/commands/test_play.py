import pathlib

from stream.__main__ import main
from stream.commands.play import session_of
from stream.config.settings import Settings
from stream.config.unused_settings import without_effect
from stream.play.sinks.opening import open_outputs
from stream.voices.spec import find_voice, read_spec

VOICE = str(pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx")


def test_counters_that_can_not_be_written_are_told_once_and_before_all_else(capfd, tmp_path):
    place = tmp_path / "none" / "stats.json"
    arguments = ["play", "--voice", VOICE, "--out", "null", "--record", "0", "--stats", str(place)]
    assert main(arguments) == 2
    reason = "cannot be written (No such file or directory)"
    remedy = "name a file in a folder that exists and that you may write to"
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", f"perpetuum: --stats {place}: {reason}; {remedy}\n")


def test_a_synthesizer_of_one_voice_plays_alone_whatever_the_ensemble():
    mono = Settings(profile="moog-minitaur", ensemble="jazz")
    assert session_of(mono).controls.ensemble == "solo"
    lines = list(without_effect(mono, read_spec(find_voice("commons"))))
    assert any(line.startswith("--ensemble: has no effect: the synthesizer has") for line in lines)
    many = Settings(profile="general-midi", ensemble="jazz")
    assert session_of(many).controls.ensemble == "jazz"
    assert session_of(Settings(profile="general-midi")).controls.ensemble == "solo"
    assert session_of(Settings()).controls.ensemble == ""


def test_an_output_named_twice_plays_the_parts_of_both():
    playing, absent, _ = open_outputs(Settings(out=("null=bass", "null=drums", "null=bass")))
    assert [sink.spec for sink in playing] == ["null=bass,drums"]
    assert absent == []
    playing, _, _ = open_outputs(Settings(out=("null=bass", "null")))
    assert [sink.spec for sink in playing] == ["null"]
