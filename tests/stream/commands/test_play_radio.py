"""`perpetuum play --radio`, as it is typed."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

import pytest

from stream.__main__ import main
from stream.config.settings import Settings
from stream.errors import SinkError
from stream.play.sinks import auto
from stream.play.sinks.opening import open_outputs
from tests.stream.panel.fake_player import free_port
from tests.stream.radio.radio_process import decoded

DATA = pathlib.Path(__file__).parents[2] / "data"


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    pytest.importorskip("lameenc", reason="'pip install lameenc'")
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def opened(**settings):
    playing, absent, why = open_outputs(Settings(**settings))
    for sink in playing:
        sink.close()
    assert absent == []
    return [sink.spec for sink in playing], why


def test_it_is_one_more_output():
    radio = f"127.0.0.1:{free_port()}"
    names = ["null", f"radio:{radio}"]
    assert opened(out=("null",), radio=radio) == (names, f"playing to null, radio:{radio}")
    both = (*names, f"radio:{radio}=bass")
    assert opened(out=both, radio=radio)[0] == names


def test_without_an_instrument_it_plays_alone(monkeypatch):
    def missing():
        raise SinkError("nothing here")

    monkeypatch.setattr(auto, "_port", missing)
    monkeypatch.setattr(auto, "_fluidsynth", missing)
    radio = f"127.0.0.1:{free_port()}"
    assert opened(radio=radio) == ([f"radio:{radio}"], "playing to the radio alone")
    assert list(pathlib.Path().glob("perpetuum-*.mid")) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--radio", "8766"], "--radio 8766: not an address; write a host and a port"),
        (["--out", "radio:x"], "--out radio: x: not an address; write a host and a port"),
        (
            ["--voice", str(DATA / "tiny_sound.onnx"), "--radio"],
            "--radio: this voice generates sound, and the radio plays notes; leave --radio out",
        ),
    ],
)
def test_mistakes_are_told_in_one_line(capfd, arguments, told):
    assert main(["play", "--record", "0", *arguments]) == 2
    said = capfd.readouterr().err
    assert said.startswith(f"perpetuum: {told}")
    assert said.count("\n") == 1


def wait_for(address):
    """Wait until the radio, which starts beside the music, accepts listeners."""
    host, _, port = address.partition(":")
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection((host, int(port)), timeout=5).close()
            return


def test_what_is_composed_is_heard(tmp_path):
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "stream", "play", "--seed", "4", "--record", "0"]
    command += ["--out", "null", "--radio", address, "--voice", str(DATA / "tiny.onnx")]
    environment = os.environ | {"PYTHONPATH": str(DATA.parents[1])}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as player:
        try:
            lines = iter(player.stderr.readline, "")
            greeting = next(line for line in lines if line.startswith("radio: "))
            url = re.fullmatch(r"radio: (http://\S+)\n", greeting)[1]
            assert url == f"http://{address}/radio.mp3"
            next(line for line in lines if line.startswith("phrase "))
            wait_for(address)
            samples = abs(decoded("-i", url, seconds=6))
            assert samples.max() > 0.01
        finally:
            player.send_signal(signal.SIGTERM)
            player.stderr.read()
    assert player.returncode == 0
