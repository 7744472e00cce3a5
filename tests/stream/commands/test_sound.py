import pathlib

import pytest

from stream.__main__ import main
from stream.commands import sound, voices
from stream.config.settings import Settings
from stream.doctor import checks

DATA = pathlib.Path(__file__).parents[2] / "data"
VOICE = str(DATA / "tiny_sound.onnx")


def refusal(capfd, *arguments):
    """The one line that the program ends with."""
    assert main(list(arguments)) == 2
    *_, line = capfd.readouterr().err.splitlines()
    return line.removeprefix("perpetuum: ")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (
            ["--out", "fluidsynth"],
            "--out fluidsynth: this voice makes sound, not notes; use audio[",
        ),
        (
            ["--out", "file:a.mid"],
            "--out file:a.mid: this voice makes sound, not notes; write file",
        ),
        (["--out", "audio", "--out", "audio:x"], "--out audio:x: sound is played by one card"),
        (
            ["--panel", "--out", "null"],
            "--panel: a voice that generates sound cannot be controlled while",
        ),
        (
            ["--input", "port:", "--out", "null"],
            "--input: a voice that generates sound cannot be co",
        ),
        (["--style", "jazz", "--out", "null"], f"--style jazz: voice {VOICE} has high, low"),
        (["--gain", "5", "--out", "null"], "--gain: 5 is out of range; give a number from 0"),
        (["--out", "null", "--stats", "/no/a"], "--stats /no/a: cannot be written"),
        (["--out", "file:/no/a.wav"], "/no/a.wav: cannot be written"),
    ],
)
def test_play_refuses_in_one_line(capfd, arguments, wanted):
    lines = refusal(capfd, "play", "--voice", VOICE, *arguments)
    assert lines.startswith(wanted)


def test_sound_is_for_voices_that_make_it(capfd):
    wanted = "--out audio: only for voices that make sound themselves; this voice plays notes: use"
    assert refusal(capfd, "play", "--out", "audio").startswith(wanted)


@pytest.mark.parametrize("command", ["explain", "score"])
def test_what_is_of_notes_is_refused(capfd, command):
    files = [str(DATA / "tiny.mid")] if command == "score" else []
    line = refusal(capfd, command, *files, "--voice", VOICE)
    assert line == f"voice {VOICE}: makes sound instead of notes; use it with play and render only"


def test_render_makes_wav_files_only(capfd):
    line = refusal(capfd, "render", "a.mid", "--minutes", "1", "--voice", VOICE)
    assert line == "render a.mid: this voice generates sound, not notes; name the file OUT.wav"


def test_render_has_an_end(capfd):
    assert "--minutes 5" in refusal(capfd, "render", "a.wav", "--voice", VOICE)


def test_wishes_in_vain_are_named():
    assert sound._ignored(Settings(volume=0.5, seed=3, style="low", record=0.0)) == []
    assert sound._ignored(Settings(bpm=90, scale="C major", out=("null",))) == ["bpm", "scale"]


def test_the_list_of_voices_tells_their_rate(capsys, monkeypatch):
    shipped = lambda: (DATA / "tiny.onnx", DATA / "tiny_sound.onnx")  # noqa: E731
    monkeypatch.setattr(voices, "shipped_voices", shipped)
    monkeypatch.setattr(checks, "shipped_voices", shipped)
    assert main(["voices"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "tiny: melody, styles even, odd",
        "  Random weights: no data.",
        "tiny_sound: audio of 8000 Hz, styles high, low",
        "  Sines: no data.",
    ]
    assert [finding.detail for finding in checks._voices()] == [
        "styles even, odd",
        "styles high, low, sound of 8000 Hz",
    ]
