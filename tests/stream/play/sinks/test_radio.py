"""The radio as an output among others."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from mido import Message, MetaMessage

from stream.errors import SinkError
from stream.play.sinks import radio as module
from stream.play.sinks.null import NullSink
from stream.play.sinks.radio import RadioSink
from stream.play.sinks.router import Router
from stream.play.sinks.spec import open_sink, sink_of
from stream.play.timing.scheduler import ON, TEMPO, TimedMessage
from tests.stream.panel.fake_player import free_port
from tests.stream.radio.radio_process import ORGAN, decoded, is_loud, title_of


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """A state folder of its own."""
    pytest.importorskip("lameenc", reason="'pip install lameenc'")
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


class Kept(NullSink):
    """An output that counts what it gets."""

    def __init__(self):
        super().__init__("kept")
        self.messages = []

    def _write(self, timed):
        self.messages.append(timed.message)


class Stage:
    """A router with a radio, and an output beside it."""

    def __init__(self, port):
        self.radio, self.other = open_sink(f"radio:127.0.0.1:{port}"), Kept()
        self.url = f"http://127.0.0.1:{port}/radio.mp3"
        self.router = Router([self.radio, self.other])
        self.told = []

    def send(self, kind, order=ON, **values):
        message = MetaMessage(kind, **values) if order == TEMPO else Message(kind, **values)
        self.router.send(TimedMessage(time.monotonic(), order, message))

    def hold(self):
        self.send("program_change", channel=3, program=ORGAN)
        self.send("note_on", channel=3, note=64, velocity=110)

    def until(self, true):
        """Do what the player does until it is so."""
        end = time.monotonic() + 60
        while not true():
            assert time.monotonic() < end, self.told
            ready = select.select(self.router.files(), [], [], 0.1)[0]
            self.router.process_ready(ready, time.monotonic())
            self.router.flush(time.monotonic())
            self.told += self.router.notices
            self.router.notices.clear()

    def answers(self):
        try:
            socket.create_connection(self.radio._address, timeout=5).close()
        except OSError:
            return False
        return True


@pytest.fixture
def stage():
    stage = Stage(free_port())
    yield stage
    stage.router.close()


def test_forms():
    assert sink_of("radio").name == "radio:127.0.0.1:8766"
    assert sink_of("radio:[::]:80=bass").spec == "radio:[::]:80=bass"
    with pytest.raises(ValueError, match="--out radio: x: not an address"):
        sink_of("radio:x")


def test_what_is_played_is_heard(stage):
    stage.until(stage.answers)
    stage.hold()
    assert is_loud(decoded("-i", stage.url, seconds=4)[2 * 44_100 :])


def test_the_last_word_of_a_process_is_not_that_of_the_next(stage):
    # It is killed before the player has read that it is ready.
    end = time.monotonic() + 60
    while not stage.answers():
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(0.5)
    process = stage.radio._process
    os.kill(process._child.pid, signal.SIGKILL)
    name = stage.radio.name
    stage.until(lambda: f"{name}: connected" in stage.told)
    assert process.running


def test_killed_it_is_restarted_and_has_its_settings_again(stage):
    stage.until(stage.answers)
    stage.send("marker", TEMPO, text="folk: jig")
    stage.send("marker", TEMPO, text="A'")  # the letter of a phrase
    stage.hold()
    pid = stage.radio._process._child.pid
    os.kill(pid, signal.SIGKILL)
    stage.until(lambda: stage.told)
    name = stage.radio.name
    assert stage.told == [f"{name}: lost (its process has ended); it is restarted"]
    # The others play on meanwhile.
    count = len(stage.other.messages)
    stage.send("note_on", channel=3, note=70, velocity=100)
    assert len(stage.other.messages) == count + 1
    stage.until(lambda: len(stage.told) > 1)
    assert stage.told[1:] == [f"{name}: connected"]
    assert stage.radio._process._child.pid != pid
    stage.send("note_on", channel=3, note=64, velocity=110)
    assert title_of(stage.url) == "folk: jig"
    samples = decoded("-i", stage.url, seconds=4)[2 * 44_100 :]
    assert is_loud(samples)  # an organ: a piano would have died away
    assert np.abs(samples[-22_050:]).max() > 0.5 * np.abs(samples[:22_050]).max()


def test_a_port_in_use_is_told_once_and_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stage = Stage(port)
        stage.until(lambda: stage.told)
        (told,) = stage.told
        assert told.startswith(f"radio: 127.0.0.1:{port}: Address already in use; the player tries")
        stage.send("note_on", note=60)
        assert stage.other.messages
        end = time.monotonic() + 3
        stage.until(lambda: time.monotonic() > end)
        assert len(stage.told) == 1
    stage.until(lambda: len(stage.told) > 1)
    assert stage.told[1:] == [f"{stage.radio.name}: connected"]
    assert stage.answers()
    stage.router.close()


def test_a_hanging_process_is_not_waited_for(stage):
    stage.until(stage.answers)
    os.kill(stage.radio._process._child.pid, signal.SIGSTOP)
    for _ in range(20_000):
        stage.send("control_change", channel=0, control=7, value=90)
    assert len(stage.other.messages) == 20_000


@pytest.mark.parametrize("library", ["aiohttp", "lameenc"])
def test_a_missing_library_is_told_with_its_remedy(monkeypatch, library):
    find_spec = module.find_spec

    def without(name):
        return None if name == library else find_spec(name)

    monkeypatch.setattr(module, "find_spec", without)
    with pytest.raises(SinkError) as error:
        open_sink("radio")
    assert re.fullmatch(
        rf"--out radio:127\.0\.0\.1:8766: {library} is not installed; run: .*pip install .+",
        str(error.value),
    )


def test_the_owner_is_told_the_token(state):
    radio = open_sink(f"radio:0.0.0.0:{free_port()}")
    radio.close()
    token = (state / "perpetuum" / "radio" / "token").read_text().strip()
    assert re.fullmatch(rf"radio: http://[^/]+/radio\.mp3\?token={token}", radio.greeting)
    here = open_sink(f"radio:127.0.0.1:{free_port()}")
    here.close()
    assert "token" not in here.greeting


def test_a_token_that_can_not_be_kept(state):
    (state / "perpetuum").write_text("in the way")
    radio = open_sink(f"radio:0.0.0.0:{free_port()}")
    radio.close()
    assert "token=" in radio.greeting
    (notice,) = radio.notices
    assert notice.startswith("radio: its token is valid until the player ends")


def test_the_player_loads_no_library_of_the_radio():
    code = (
        "import sys; from stream.play.sinks.spec import sink_of; sink_of('radio');"
        " print({'aiohttp', 'lameenc', 'numpy', 'fluidsynth', 'asyncio'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_it_is_an_output_that_comes_back():
    assert RadioSink.may_return
    assert not RadioSink.outlives_player
