"""The command line as a user meets it: real processes, the tiny voice."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import mido
import pytest

from stream.__main__ import main, parser
from stream.commands import voices
from stream.errors import ComposerError
from stream.util.version import program_version

TINY = pathlib.Path(__file__).parents[1] / "data" / "tiny.onnx"
CHORALE = TINY.with_name("tiny_chorale.onnx")
SHIPPED = ["blues", "chorale", "commons", "gruv", "piano", "rnn-dbn", "session", "wave"]
COMMANDS = ("play", "render", "score", "explain", "rate", "voices", "ports", "doctor", "setup")


def perpetuum(*args, **options):
    command = [sys.executable, "-m", "stream", *map(str, args)]
    root = pathlib.Path(__file__).parents[2]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=root, **options
    )


@pytest.fixture
def song(tmp_path):
    """A short tune as a MIDI file."""
    midi = mido.MidiFile(ticks_per_beat=48)
    track = mido.MidiTrack()
    for pitch in (60, 62, 64, 65, 67, 65, 64, 62) * 3:
        track.append(mido.Message("note_on", note=pitch, velocity=80))
        track.append(mido.Message("note_off", note=pitch, time=24))
    midi.tracks.append(track)
    path = tmp_path / "song.mid"
    midi.save(path)
    return path


def test_every_command_has_help():
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            parser().parse_args([command, "--help"])
        assert ended.value.code == 0


def bad_input(tmp_path):
    """Command lines that are the user's mistake, and what the one line must name."""
    (tmp_path / "text.onnx").write_text("not a voice")
    (tmp_path / "bad.toml").write_text("bmp = 3")
    (tmp_path / "broken.mid").write_bytes(b"MThd\0\0\0\6\0\1\0\1\0\60MTrk\0\0")
    mido.MidiFile().save(tmp_path / "empty.mid")
    mid, render = tmp_path / "o.mid", ("render", "--minutes", 1, "--voice", TINY)
    return {
        "unknown voice": (("play", "--voice", "nope"), "voice 'nope': unknown; shipped"),
        "no such file": (("play", "--voice", "no/pe.onnx"), "no/pe.onnx: no such file"),
        "no voice": (("play", "--voice", tmp_path / "text.onnx"), "not an ONNX file"),
        "no port": (("play", "--voice", TINY, "--out", "port:zzz"), "--out port:zzz"),
        "no serial": (("play", "--voice", TINY, "--out", "serial:/nope"), "/nope"),
        "no sink": (("play", "--voice", TINY, "--out", "trumpet"), "--out trumpet: no such output"),
        "no folder": (("play", "--voice", TINY, "--out", "file:/no/x.mid"), "/no/x.mid"),
        "no config": (("play", "--config", "/nope.toml"), "--config /nope.toml: cannot be read"),
        "unknown key": (("play", "--config", tmp_path / "bad.toml"), "bmp: unknown key"),
        "out of range": (("play", "--bpm", "9000"), "--bpm: 9000 is out of range"),
        "no number": (("play", "--temperature", "hot"), "--temperature: 'hot' is not a number"),
        "no style": (("play", "--voice", TINY, "--style", "polka"), "--style polka: voice"),
        "endless": (("render", mid, "--voice", TINY), "give its length, such as --minutes"),
        "no format": ((*render, tmp_path / "o.ogg"), "neither in .mid nor in .wav"),
        "no target": ((*render, "/no/o.mid"), "/no/o.mid"),
        "no song": (("score", tmp_path / "none.mid", "--voice", TINY), "none.mid: cannot be read"),
        "hidden": (("score", TINY.parent / "tiny.mid", "--voice", "rnn-dbn"), "hidden units"),
        "no sound": (("score", tmp_path / "empty.mid", "--voice", CHORALE), "contains no note"),
        "channel": (("play", "--channels", "alto=20"), "'20' is not a whole number from 1 to 16"),
        "no notes": (("score", tmp_path / "empty.mid", "--voice", TINY), "contains no melody"),
        "broken": (("score", tmp_path / "broken.mid", "--voice", TINY), "broken.mid"),
    }  # fmt: skip


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path):
    for name, (args, message) in bad_input(tmp_path).items():
        done = perpetuum(*args)
        assert (name, done.returncode, done.stdout) == (name, 2, "")
        assert done.stderr.count("\n") == 1, (name, done.stderr)
        assert done.stderr.startswith("perpetuum: "), name
        assert message in done.stderr, (name, done.stderr)


def test_the_same_seed_renders_the_same_bytes(tmp_path):
    def render(name, *args):
        path = tmp_path / name
        done = perpetuum("render", path, "--minutes", 0.5, "--voice", TINY, *args)
        assert (done.returncode, done.stderr) == (0, "")
        return path.read_bytes()

    first = render("a.mid", "--seed", 5)
    assert first == render("b.mid", "--seed", 5)
    assert first != render("c.mid", "--seed", 6)
    assert first != render("d.mid", "--seed", 5, "--bpm", 90)
    assert first != render("e.mid", "--seed", 5, "--temperature", 0.5)


def test_play_and_render_are_the_same_stream(tmp_path):
    played, rendered = tmp_path / "played.mid", tmp_path / "rendered.mid"
    common = ("--voice", TINY, "--seed", 3, "--bpm", 300, "--minutes", 0.02)
    done = perpetuum("play", *common, "--out", f"file:{played}", "--out", "null")
    assert done.returncode == 0
    assert perpetuum("render", rendered, *common).returncode == 0

    def notes(path):
        now, found = 0, []
        for message in mido.merge_tracks(mido.MidiFile(path).tracks):
            now += message.time
            if message.type in {"note_on", "note_off"}:
                found.append((now, message.type, message.note, message.velocity))
        start = found[0][0]
        return [(at - start, *rest) for at, *rest in found]

    assert notes(played) == notes(rendered)


def test_score(song):
    facts = json.loads(perpetuum("score", song, song, "--voice", TINY, "--json").stdout)
    assert [(f["file"], f["track"], f["notes"]) for f in facts] == [(str(song), 0, 24)] * 2
    styles = facts[0]["styles"]
    assert set(styles) == {"even", "odd"}
    assert facts[0]["bits_per_note"] == min(styles.values()) > 0
    line = perpetuum("score", song, "--voice", TINY).stdout
    assert "track 0: " in line
    assert "bits per note as" in line


@pytest.mark.parametrize("voice", [TINY, CHORALE])
def test_what_was_passed_over_in_a_file_is_said(song, voice):
    content = song.read_bytes()
    song.write_bytes(content[:14] + b"ODD!\0\0\0\0" + content[14:])
    done = perpetuum("score", song, "--voice", voice)
    passed = "read, but skipped 1 \u00d7 chunk of another type"
    assert done.stderr == f"perpetuum: {song}: {passed}\n"
    assert " bits per " in done.stdout


def test_lines_of_one_track_are_told_apart_by_their_channels(song):
    midi = mido.MidiFile(song)
    midi.tracks[0].append(mido.Message("note_on", channel=2, note=40))
    midi.tracks[0].append(mido.Message("note_off", channel=2, note=40, time=24))
    midi.save(song)
    high, low = perpetuum("score", song, "--voice", TINY).stdout.splitlines()
    assert high.startswith(f"{song} track 0 channel 1: ")
    assert low.startswith(f"{song} track 0 channel 3: ")


def test_score_of_several_parts(song):
    (fact,) = json.loads(perpetuum("score", song, "--voice", CHORALE, "--json").stdout)
    assert (fact["file"], fact["notes"]) == (str(song), 24)
    assert fact["bits_per_frame"] == min(fact["styles"].values()) > 0
    line = perpetuum("score", song, "--voice", CHORALE).stdout
    assert line.startswith(f"{song}: {fact['bits_per_frame']:.2f} bits per frame as ")


def test_facts():
    voices = json.loads(perpetuum("voices", "--json").stdout)
    assert [v["name"] for v in voices] == SHIPPED
    assert all(v["credits"] for v in voices)
    assert "commons: melody, styles" in perpetuum("voices").stdout
    ports = json.loads(perpetuum("ports", "--json").stdout)
    assert {"ports", "reason", "inputs", "inputs_reason"} == ports.keys()
    assert json.loads(perpetuum("doctor", "--json").stdout)
    assert perpetuum("doctor").returncode == 0


def test_a_reader_that_leaves_early_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "stream", "voices"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("sleep", [0.0, 0.05, 1.0])
def test_a_signal_is_a_good_end_whenever_it_comes(tmp_path, number, sleep):
    path = tmp_path / "s.mid"
    command = [sys.executable, "-m", "stream", "play", "--voice", TINY, "--out", f"file:{path}"]
    player = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not (tmp_path / "s.mid").exists():  # the output is open: Python itself has started
        time.sleep(0.01)
    time.sleep(sleep)  # not to wait for an event, but to vary the moment
    os.kill(player.pid, number)
    assert player.wait(10) == 0


def test_a_composer_that_fails_may_do_better_next_time(monkeypatch, capsys):
    def fail(args):
        message = "the composer died"
        raise ComposerError(message)

    monkeypatch.setattr(voices, "run", fail)
    assert main(["voices"]) == 1
    assert capsys.readouterr().err == "perpetuum: the composer died\n"


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"perpetuum {program_version()}\n")
