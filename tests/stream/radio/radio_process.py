"""A radio as the player starts it, and real clients that listen to it."""

import select
import shutil
import subprocess
import time

import numpy as np
import pytest

from stream.midi.software_synth import find_soundfont
from stream.play.control.process import ControllerProcess
from stream.radio.access_token import new_token
from stream.radio.messages import midi_line, title_line, token_line
from tests.stream.panel.fake_player import free_port

RATE = 44_100
ORGAN, WOODBLOCK = 16, 115
"""Programs: one that sounds on, and one that is struck."""


class Radio:
    """The process; it is told what a player would tell it."""

    def __init__(self, host="127.0.0.1", port=None):
        pytest.importorskip("lameenc", reason="'pip install lameenc'")
        self.address = f"{host}:{port or free_port()}"
        self.token = new_token()
        settings = {"address": self.address, "soundfont": str(find_soundfont())}
        self.process = ControllerProcess("stream.radio", settings)
        self.process.send(token_line(self.token))
        self.told = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.address.rpartition(':')[2]}/radio.mp3"

    def wait(self, word):
        """Until it has said something with this word."""
        end = time.monotonic() + 60
        while not any(word in said for said in self.told):
            assert time.monotonic() < end, self.told
            ready = select.select(self.process.files(), [], [], 1)[0]
            self.told += self.process.read(ready)
        return next(said[word] for said in self.told if word in said)

    def midi(self, *data, at=None):
        self.process.send(midi_line(at or time.monotonic(), bytes(data)))

    def title(self, text, at=None):
        self.process.send(title_line(at or time.monotonic(), text))

    def knock(self, times):
        """Strike at these times, which may lie ahead."""
        self.midi(0xC0, WOODBLOCK)
        for at in times:
            self.midi(0x90, 72, 127, at=at)
            self.midi(0x80, 72, 0, at=at + 0.1)

    def hold(self):
        """Begin a chord that never ends."""
        self.midi(0xC1, ORGAN)
        for pitch in (60, 64, 67):
            self.midi(0x91, pitch, 100)

    def __enter__(self):
        self.wait("ready")
        return self

    def __exit__(self, *_):
        self.process.close()


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: 'apt install {program}'")


def decoded(*source, seconds=None):
    """Samples of the left channel, from -1 to 1, as ffmpeg decodes them."""
    needs("ffmpeg")
    length = ["-t", str(seconds)] if seconds else []
    command = ["ffmpeg", "-v", "error", *source, *length]
    command += ["-f", "s16le", "-ac", "2", "-ar", str(RATE), "-"]
    done = subprocess.run(command, capture_output=True, timeout=90, check=True)
    return np.frombuffer(done.stdout, np.int16)[::2] / 32768


def onsets(samples):
    """Seconds at which a struck sound begins."""
    loud = np.abs(samples) > 0.2 * np.abs(samples).max()
    places = np.flatnonzero(loud)
    first = np.insert(np.diff(places) > 0.2 * RATE, 0, values=True)
    return places[first] / RATE


def is_loud(samples):
    """Whether something is heard in every half second."""
    halves = samples[: len(samples) // (RATE // 2) * (RATE // 2)].reshape(-1, RATE // 2)
    return len(halves) > 0 and bool((np.abs(halves).max(axis=1) > 0.01).all())


def title_of(url):
    """The title that ffmpeg finds in a stream."""
    needs("ffprobe")
    tags = "format_tags=StreamTitle"
    command = ["ffprobe", "-v", "error", "-show_entries", tags, "-of", "default=nk=1:nw=1", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()
