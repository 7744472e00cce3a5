"""Every command, under everything that the world does to a program: one line, never a traceback."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mido
import pytest

ROOT = pathlib.Path(__file__).parents[2]
TINY = pathlib.Path(__file__).parents[1] / "data" / "tiny.onnx"
TUNE = TINY.with_name("tiny.mid")
STRANGE = "caf\udce9\x1b[2J.onnx"
"""A name in ISO-8859-1 that clears a terminal: no text in UTF-8."""
NAMES = (
    "play", "render", "explain", "rate", "score", "voices", "ports", "doctor", "silence", "learn",
    "replay", "profiles", "config", "setup",
)  # fmt: skip


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
    """A folder with all that commands are pointed at."""
    folder = tmp_path_factory.mktemp("stage")
    folder.chmod(0o777)
    os.symlink(TINY, os.path.join(folder, STRANGE))  # noqa: PTH118, PTH211 (no text)
    os.symlink(TUNE, os.path.join(folder, "caf\udce9\x1b[2J.mid"))  # noqa: PTH118, PTH211
    (folder / "stage.toml").write_text("out = 'file:café.mid'\nrecordings = 'café'\nstyle = 'é'\n")
    (folder / "map.toml").write_text("[[cc]]\nnumber = 1\ncontrol = 'café\\u001b'\n")
    midi = mido.MidiFile(ticks_per_beat=48)
    midi.tracks.append(mido.MidiTrack())
    midi.save(folder / "no recording.mid")
    return folder


def commands(stage):
    """Command lines by name: each command in plain use, with strange names, and its help."""
    voice = ("--voice", f"{stage}/{STRANGE}", "--seed", "1")
    mid = f"{stage}/caf\udce9\x1b[2J.mid"
    minutes = ("--minutes", "0.001")
    return {
        "play": ("play", *voice, *minutes, "--out", "file:relative.mid"),
        "play to the best": ("play", *voice, *minutes, "--record", "0"),
        "render a configuration": ("render", "a.mid", "--config", f"{stage}/stage.toml", *minutes),
        "render": ("render", "caf\udce9\x1b[2J-rendered.mid", *voice, *minutes),
        "render sound": ("render", "rendered.wav", *voice, *minutes),
        "explain": ("explain", *voice, "--count", "2"),
        "rate": ("rate", mid, "--stars", "3", "--ratings", "ratings.jsonl"),
        "rate by hand": ("rate", mid, "--ratings", "ratings.jsonl"),
        "score": ("score", mid, *voice[:2]),
        "voices": ("voices",),
        "voices as JSON": ("voices", "--json"),
        "ports": ("ports",),
        "doctor": ("doctor",),
        "silence": ("silence", "--out", "null"),
        "learn": ("learn", "temperature", "--map", "caf\udce9\x1b[2J.toml", "--seconds", "0.01"),
        "learn into a strange map": ("learn", "temperature", "--map", f"{stage}/map.toml"),
        "replay": ("replay", f"{stage}/no recording.mid"),
        "replay of what is not there": ("replay", "caf\udce9\x1b[2J"),
        "profiles": ("profiles",),
        "strange profile": ("render", "a.mid", *minutes, "--profile", "\udce9\x1b[2J"),
        "config --show": ("config", "--show", "--config", f"{stage}/stage.toml"),
        "config --check": ("config", "--check", f"{stage}/stage.toml"),
        "config --document": ("config", "--document"),
        "setup": ("setup", "pi4", "--dry-run", "--root", f"{stage}"),
        "strange command": ("caf\udce9\x1b[2J",),
        "strange flag": ("play", "--caf\udce9\x1b[2J"),
        **{f"{name} --help": (name, "--help") for name in NAMES},
        "--help": ("--help",),
    }  # fmt: skip


WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root as anybody else: with the rights to its own files alone."""
NOBODY = ("unshare", "--user", "--map-user=54321")
"""With a number that the list of accounts lacks."""
C = {"LC_ALL": "C", "LANG": "C"}
WORLDS = {
    "plain": {},
    "another user's runtime folder": {
        "env": {"XDG_RUNTIME_DIR": "{private}"},
        "by": WITHOUT_RIGHTS,
    },
    "another user's state folder": {"env": {"XDG_STATE_HOME": "{private}"}, "by": WITHOUT_RIGHTS},
    "a home of another user": {"env": {"HOME": "{private}"}, "by": WITHOUT_RIGHTS},
    "no home, no account": {"by": ("env", "-u", "HOME", "-u", "XDG_STATE_HOME", *NOBODY)},
    "no environment": {"by": ("env", "-i")},
    "input closed": {"shell": 'exec "$@" <&-'},
    "output closed": {"shell": 'exec "$@" >&-'},
    "error closed": {"shell": 'exec "$@" 2>&-'},
    "all closed": {"shell": 'exec "$@" <&- >&- 2>&-'},
    "output to a full disk": {"shell": 'exec "$@" >/dev/full'},
    "error to a full disk": {"shell": 'exec "$@" 2>/dev/full'},
    "all to a full disk": {"shell": 'exec "$@" >/dev/full 2>&1'},
    "a full disk": {"full": "full"},
    "a removed folder": {"shell": 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'},
    "ASCII": {"env": {"PYTHONIOENCODING": "ascii"}},
    "ISO-8859-1": {"env": {"PYTHONIOENCODING": "iso-8859-1"}},
    "LC_ALL=C": {"env": C},
    "ASCII throughout": {"env": C | {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}},
    "a language that is not there": {"env": {"LANG": "xx_XX.ISO-8859-15", "LC_ALL": ""}},
    "a reader that has gone": {"gone": True},
}
FILES = {"play to the best", "render sound"}
"""Lines that take long, and are tried where the world is about files."""
ABOUT_FILES = {"plain", "a full disk", "a removed folder", "all closed", "ASCII throughout"}
DRIVER = """
import importlib, json, os, resource, sys
FULL = sys.argv[5] == "full"
sys.path[:0] = [sys.argv[1]]
with open(sys.argv[2], encoding="utf-8") as file:
    lines = json.load(file)
import stream.__main__
for name in ("play", "render", "explain", "rate", "score", "doctor", "learn", "silence"):
    importlib.import_module(f"stream.commands.{name}")
def told():
    with open(sys.argv[3], "rb") as file:
        return len(file.read())
for name, arguments in lines.items():
    before = told()
    reader, writer = os.pipe() if FULL else (None, None)
    child = os.fork()
    if not child:
        if FULL:
            os.dup2(writer, 2)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        sys.argv = ["perpetuum", *arguments]
        sys.exit(stream.__main__.main(arguments))
    if FULL:
        os.close(writer)
        with open(reader, "rb") as said, open(sys.argv[3], "ab") as file:
            file.write(said.read())
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with open(sys.argv[4], "a", encoding="utf-8") as file:
        file.write(json.dumps([name, status, before, told()]) + chr(10))
"""
"""Runs the lines one by one, each in a process of its own that need not load everything anew."""


def lived(world, folder, lines):
    """Exit status of each line in a world, and what it said on standard error."""
    private = folder / "private"
    private.mkdir()
    private.chmod(0)
    env = os.environ | {"TMPDIR": str(folder), "XDG_STATE_HOME": f"{folder}/state"}
    env |= {name: value.format(private=private) for name, value in world.get("env", {}).items()}
    (folder / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
    said, results = folder / "said", folder / "results"
    command = [
        sys.executable,
        "-c",
        DRIVER,
        ROOT,
        folder / "lines.json",
        said,
        results,
        world.get("full", ""),
    ]
    if shutil.which(world.get("by", ["env"])[0]):
        command = [*world.get("by", ()), *command]
    if "shell" in world:
        command = ["sh", "-c", world["shell"], "sh", *command]
    reader, writer = os.pipe()
    output = writer if world.get("gone") else subprocess.DEVNULL
    os.close(reader)
    with said.open("ab") as errors:
        subprocess.run(
            command, cwd=folder, env=env, check=True, timeout=300,
            stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
        )  # fmt: skip
    os.close(writer)
    text = said.read_bytes()
    private.chmod(0o700)
    ended = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return {
        name: (status, text[start:end].decode(errors="replace"))
        for name, status, start, end in ended
    }


def fault(status, said):
    """What is wrong with how a command ended; empty where all is well."""
    if status not in {0, 1, 2}:
        return f"status {status}: {said}"
    if "Traceback" in said or "Exception ignored" in said:
        return said
    if "\x1b" in said:
        return f"an escape sequence: {said!r}"
    complaints = [line for line in said.splitlines() if line.startswith("perpetuum: ")]
    return f"said twice: {said}" if len(complaints) > 1 else ""


def lines_of(name, stage):
    lines = commands(stage)
    if name in ABOUT_FILES:
        return lines
    return {line: words for line, words in lines.items() if line not in FILES}


@pytest.fixture(scope="module")
def lives(stage, tmp_path_factory):
    """All worlds, some at a time: each is mostly the start of a process after another."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            name: pool.submit(lived, world, tmp_path_factory.mktemp("world"), lines_of(name, stage))
            for name, world in WORLDS.items()
        }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", WORLDS)
def test_no_traceback_whatever_the_world_does(name, stage, lives):
    ended = lives[name].result()
    assert ended.keys() == lines_of(name, stage).keys()
    faults = {line: wrong for line, end in ended.items() if (wrong := fault(*end))}
    assert not faults, "\n".join(f"{line}: {wrong}" for line, wrong in faults.items())


def at(path):
    """Command lines that are pointed at a path in every way."""
    tiny = ("--voice", str(TINY))
    short = ("--minutes", "0.001", "--out", "null", *tiny)
    return {
        "render": ("render", f"{path}.mid", "--minutes", "0.001", *tiny),
        "score": ("score", path, *tiny),
        "replay": ("replay", path),
        "replay --to": ("replay", str(TUNE), "--to", f"{path}.mid"),
        "rate": ("rate", path, "--stars", "3", "--ratings", "ratings.jsonl"),
        "rate --ratings": ("rate", str(TUNE), "--stars", "3", "--ratings", path),
        "config --check": ("config", "--check", path),
        "learn --map": ("learn", "bpm", "--seconds", "0.01", "--map", path),
        "setup --root": ("setup", "pi4", "--midi", "usb", "--dry-run", "--root", path),
        "play --voice": ("play", "--voice", path, "--out", "null"),
        "play --config": ("play", *short, "--config", path),
        "play --map": ("play", *short, "--map", path),
        "play --recordings": ("play", *short, "--recordings", path),
        "play --out file": ("play", *short[:2], *tiny, "--out", f"file:{path}.mid"),
        "silence": ("silence", "--out", f"serial:{path}"),
    }  # fmt: skip


@pytest.mark.parametrize("path", ["x" * 300, "loop", "loop/x", "private/x"], ids=lambda p: p[:9])
def test_no_traceback_for_a_path_that_leads_nowhere(path, tmp_path):
    for link in ("loop", "loop.mid"):
        (tmp_path / link).symlink_to(link)
    lines = at(path)
    ended = lived({"by": WITHOUT_RIGHTS}, tmp_path, lines)
    assert ended.keys() == lines.keys()
    faults = {line: wrong for line, end in ended.items() if (wrong := fault(*end))}
    assert not faults, "\n".join(f"{line}: {wrong}" for line, wrong in faults.items())


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_where_the_reader_of_the_log_goes_every_note_ends(lines, tmp_path):
    path = tmp_path / "a.mid"
    command = [sys.executable, "-m", "stream", "play", "--voice", TINY, "--bpm", "300"]
    command += ["--out", f"file:{path}", "--record", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as player:
        for _ in range(lines):
            player.stderr.readline()
        player.stderr.close()
        assert player.wait(60) == 0
    messages = mido.merge_tracks(mido.MidiFile(path).tracks) if path.exists() else []
    starts = [m for m in messages if m.type == "note_on"]
    ends = [m for m in messages if m.type == "note_off"]
    assert sorted(m.note for m in starts) == sorted(m.note for m in ends)
