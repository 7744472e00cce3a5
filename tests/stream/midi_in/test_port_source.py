"""Ports of JACK that are closed while messages come, and servers that end and come back."""

import contextlib
import os
import shutil
import subprocess
import sys

import pytest

from benchmarks.support.jack_server import running
from tests.stream.midi_in.conftest import ROOT

needs_jack = pytest.mark.skipif(not shutil.which("jackd"), reason="jackd is not installed")

FLOOD = """
import itertools, rtmidi, time
box = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="box")
box.open_virtual_port("out")
print("there", flush=True)
for step in itertools.count():
    box.send_message([0xB0, 20, step % 128])
    if step % 20 == 0:
        time.sleep(0.002)
"""
OPEN_AND_CLOSE = """
import select
from stream.midi_in.spec import source_of
for _ in range(12):
    source = source_of("box")
    source.connect()
    heard = []
    while len(heard) < 50:
        assert select.select(source.files(), [], [], 10)[0]
        heard += source.read()
    source.close()
print("closed")
"""


@pytest.fixture
def environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@needs_jack
def test_a_port_is_closed_while_a_knob_moves(jack, environment):
    with subprocess.Popen(
        [sys.executable, "-c", FLOOD], stdout=subprocess.PIPE, text=True, env=environment
    ) as box:
        try:
            assert box.stdout.readline() == "there\n"
            done = subprocess.run(
                [sys.executable, "-c", OPEN_AND_CLOSE],
                capture_output=True, text=True, timeout=60, check=False, env=environment,
            )  # fmt: skip
        finally:
            box.kill()
    assert (done.returncode, done.stdout, done.stderr) == (0, "closed\n", "")


@pytest.fixture
def server(monkeypatch):
    """Start a JACK server of this name, as often as it was ended."""
    name = f"perpetuum-again-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("MIDO_BACKEND", "mido.backends.rtmidi/UNIX_JACK")
    return lambda: running(name, period=64)


@needs_jack
@pytest.mark.parametrize(("spec", "name"), [("dump", "dump:out"), ("virtual:keys", "virtual:keys")])
def test_an_input_comes_back_with_its_server(start, server, spec, name):
    with server(), output_port():
        player = start(input=spec, thru=True)
        assert player.receive(1) == [{"notice": f"MIDI input: {name}"}]
    (lost,) = player.receive(1)
    assert lost == {"notice": f"{name}: lost (the JACK server has ended); start it again"}
    with server(), output_port():
        assert player.receive(1) == [{"notice": f"MIDI input: {name}"}]
        assert player.close() == (0, "")


@contextlib.contextmanager
def output_port():
    """A JACK client that has a MIDI output, `dump:out`."""
    command = ["jack_midiseq", "dump", "24000", "0", "60", "8000"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nothing, stderr=nothing) as box:
        try:
            while "dump:out" not in subprocess.check_output(["jack_lsp"], text=True):
                assert box.poll() is None
            yield
        finally:
            box.terminate()
