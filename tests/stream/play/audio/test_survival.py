"""The whole of it: `play` and `render` as processes, with the tiny voice."""

import contextlib
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import wave
from array import array

import pytest

ROOT = pathlib.Path(__file__).parents[4]
VOICE = ROOT / "tests" / "data" / "tiny_sound.onnx"


@pytest.fixture
def run():
    """Start the program; it is ended with the test."""
    with contextlib.ExitStack() as leaving:

        def start(*arguments, **environment):
            child = leaving.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "stream", *map(str, arguments), "--voice", VOICE],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                )
            )  # fmt: skip
            leaving.callback(child.kill)
            return child

        yield start


def sound(path):
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1
        return file.getframerate(), array("h", file.readframes(file.getnframes())).tolist()


def rendered(run, path, *options):
    child = run("render", path, "--seed", 3, *options)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, "")
    return out, sound(path)[1]


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(pid):
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in path.read_text().split()]


def stats(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def test_the_same_seed_renders_the_same_file_of_the_wished_length(run, tmp_path):
    out, first = rendered(run, tmp_path / "a.wav", "--minutes", 0.1)
    _, again = rendered(run, tmp_path / "b.wav", "--minutes", 0.1)
    assert out == f"{tmp_path / 'a.wav'}: 2 tunes, 6.0 s, seed 3\n"
    assert (len(first), first[-1], first == again) == (48_000, 0, True)
    assert max(map(abs, first)) > 3000


def test_play_plays_what_render_renders(run, tmp_path):
    """They are equal except for the first milliseconds; the player does not load numpy."""
    _, wanted = rendered(run, tmp_path / "a.wav", "--minutes", 0.05)
    child = run("play", "--seed", 3, "--minutes", 0.05, "--out", f"file:{tmp_path / 'b.wav'}")
    _, err = child.communicate(timeout=60)
    rate, found = sound(tmp_path / "b.wav")
    assert (child.returncode, rate) == (0, 8000)
    assert found[40 : len(wanted)] == wanted[40:]
    assert not any(found[len(wanted) :])
    assert err.splitlines()[0] == f"seed 3, voice {VOICE}: playing to file:{tmp_path / 'b.wav'}"
    assert err.splitlines()[1].startswith("tune 0 style high level -")


def test_a_composer_that_is_killed_costs_no_sample(run, tmp_path):
    _, wanted = rendered(run, tmp_path / "a.wav", "--minutes", 0.1)
    told = tmp_path / "stats.json"
    child = run(
        "play", "--seed", 3, "--out", f"file:{tmp_path / 'b.wav'}", "--out", "null",
        "--stats", told,
    )  # fmt: skip
    path = tmp_path / "b.wav"
    until(lambda: path.exists() and path.stat().st_size > 1000)
    for pid in children(child.pid):
        os.kill(pid, signal.SIGKILL)
    until(lambda: path.stat().st_size > 16_000 * 5.2)
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=60)
    _, found = sound(path)
    assert child.returncode == 0
    assert "the composer died; it is restarted" in err
    counters = stats(told)
    assert (counters["restarts"], counters["hangs"]) == (1, 0)
    if not counters["underruns"]:  # where the machine was too busy there is silence in between
        assert found[40 : 8000 * 5] == wanted[40 : 8000 * 5]


def test_a_stop_ends_in_a_fade(run, tmp_path):
    path = tmp_path / "a.wav"
    child = run("play", "--seed", 3, "--out", f"file:{path}")
    until(lambda: path.exists() and path.stat().st_size > 20_000)
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    _, found = sound(path)
    steps = [abs(b - a) for a, b in itertools.pairwise(found)]
    assert found[-1] == 0
    assert max(steps) < 10_000
    assert len(found) < 8000 * 10


def test_the_service_manager_is_told(run, tmp_path, monkeypatch):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(60)
        told = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "900000"}
        child = run("play", "--seed", 3, "--out", "null", **told)
        heard = set()
        while not {b"READY=1", b"WATCHDOG=1"} <= heard:
            heard.add(manager.recv(100))
        child.send_signal(signal.SIGTERM)
        while b"STOPPING=1" not in heard:
            heard.add(manager.recv(100))
        assert child.wait(20) == 0


def test_a_server_of_sound_plays_it(run, tmp_path, jack, monkeypatch):
    """PortAudio itself; the voice is made finer for it, and heard at the same pitch."""
    told, path = tmp_path / "stats.json", tmp_path / "a.wav"
    child = run("play", "--seed", 3, "--out", "audio", "--out", f"file:{path}", "--stats", told)
    until(lambda: path.exists() and path.stat().st_size > 2 * 48_000)
    ports = subprocess.run(["jack_lsp", "-c"], capture_output=True, text=True, check=True).stdout
    assert "system:playback_2\n   PortAudio:out_1" in ports
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    rate, found = sound(path)
    assert rate == 48_000
    assert max(map(abs, found)) > 3000
    counters = stats(told)
    assert (counters["restarts"], counters["sinks_lost"]) == (0, 0)
