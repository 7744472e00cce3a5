"""A player that only speaks: starts a panel as the real one does, and keeps what it is told.

As a program it plays a tune until Ctrl-C: `fake_player.py [HOST:PORT]`.
"""

import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import signal
import socket
import sys
import tempfile
import threading
import time

from stream.control.socket import MOST_EVENT_BYTES
from stream.ensembles.remote import described
from stream.music.controls import ControlTable
from stream.util.json_lines import JsonLines
from stream.voices.spec import find_voice, read_spec

VOICE = find_voice("commons")
STYLES = ["folk", "hymn", "song", "bach", "jazz"]
CONTROLS = dataclasses.asdict(ControlTable())
PROFILE = {"name": "Fake synth", "cc": {"cutoff": 74, "resonance": 71}}
SCALE = (60, 62, 64, 67, 69, 72, 74, 76)
CHORDS = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62))
BAND = [
    {"role": "lead", "channel": 0, "program": 28, "level": 102, "pan": 56},
    {"role": "harmony", "channel": 1, "program": 49, "level": 52, "pan": 84},
    {"role": "comping", "channel": 2, "program": 5, "level": 80, "pan": 76},
    {"role": "bass", "channel": 3, "program": 34, "level": 98},
    {"role": "drums", "channel": 9, "program": 1, "level": 88},
]
PHRASE_SECONDS = 4.0
AHEAD_SECONDS = 8.0


def hello(**others):
    return {
        "version": "0.1.0", "seed": 7, "voice": "commons", "voices": ["commons", "other"],
        "styles": STYLES, "voice_file": str(VOICE), "profile": None,
        "recordings": "/nowhere", "ensembles": described([]), **others,
    }  # fmt: skip


def phrase(index, start):
    """Four seconds of a scale that wanders, the same for the same index."""
    notes = [
        [start + 0.25 * i, 0.22, SCALE[(3 * i + index * (1 + i % 3)) % 8], 60 + 8 * (i % 5), 0]
        for i in range(16)
    ]
    return {
        "start": start, "end": start + PHRASE_SECONDS, "bpm": 120.0, "tune": index // 4,
        "style": STYLES[index // 4 % 5], "index": index, "repeat": False, "accepted": 3,
        "composed": 16, "rejected": [["pitch_class", 9], ["length", 4]], "notes": notes,
    }  # fmt: skip


def band(index, start):
    """Four seconds of a band in C, the same for the same index."""
    chord = CHORDS[index % len(CHORDS)]
    notes = [
        [start + 0.25 * i, 0.45, chord[(i * 7 + index) % 3] + 12, 84, 0] for i in range(0, 16, 2)
    ]
    notes += [[start, 3.9, pitch, 60, 1] for pitch in chord]
    notes += [[start + 0.5 + i, 0.3, pitch, 70, 2] for i in range(4) for pitch in chord[1:]]
    notes += [[start + i, 0.9, chord[0] - 24 + 7 * (i % 2), 90, 3] for i in range(4)]
    for step in range(16):
        drums = [42, *([36] if step % 8 in (0, 3) else []), *([38] if step % 8 == 4 else [])]
        drums += [49] if step == 0 and index % 4 == 0 else []
        notes += [[start + 0.25 * step, 0.1, p, 60 + 25 * (step % 2 == 0), 9] for p in drums]
    return phrase(index, start) | {
        "ensemble": "band", "energy": 0.5 + 0.2 * (index % 3 - 1), "notes": notes, "parts": BAND,
    }  # fmt: skip


class FakePlayer:
    """Starts the panel with its end of a socket as descriptor 3, and speaks with it."""

    def __init__(self, address=None, music=phrase, journal=None, settings=None, **others):
        self.heard = []
        """Commands, without their numbers."""
        self.notices = []
        self.refuses = {}
        """Reasons by the name of a command."""
        self.results = {}
        """More members of the answer, by the name of the command."""
        self.answers = True
        self.obeys = True
        """Whether what is wished is so at once."""
        self._music = music
        self._hello = hello(**others)
        self._told = threading.Condition()
        self._end = threading.Event()
        self._socket, theirs = socket.socketpair()
        with theirs:
            address = address or f"127.0.0.1:{free_port()}"
            settings = {"address": address, "open": False, **(settings or {})}
            self.state = tempfile.TemporaryDirectory()
            state = settings.pop("state", self.state.name)
            self.pid = spawn(theirs.fileno(), settings, journal, state)
        self._threads = [threading.Thread(target=run) for run in (self._listen, self._play)]
        for thread in self._threads:
            thread.start()

    def say(self, **event):
        with contextlib.suppress(OSError):
            self._socket.sendall(json.dumps(event).encode() + b"\n")

    def wait(self, told, seconds=20):
        """Until `told()` is true."""
        with self._told:
            assert self._told.wait_for(told, seconds), (self.heard, self.notices)

    def wait_for(self, command):
        self.wait(lambda: command in self.heard)

    @property
    def notice(self):
        self.wait(lambda: self.notices)
        return self.notices[0]

    @property
    def url(self):
        assert self.notice.startswith("panel: http"), self.notice
        return self.notice.split()[1]

    def close(self):
        """End as the player does: the socket ends. The panel's exit status, the first time."""
        self.leave()
        if self.pid:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self.pid = 0
        return self.status

    def leave(self):
        """End the socket, whatever has become of the panel."""
        self._end.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._socket.close()
        self.state.cleanup()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _listen(self):
        lines = JsonLines(MOST_EVENT_BYTES)
        with contextlib.suppress(OSError):
            while data := self._socket.recv(65536):
                for command in lines.objects(data):
                    self._hear(command)

    def _hear(self, command):
        number = command.pop("id", None)
        (name,) = command
        with self._told:
            if name in {"notice", "secret"}:
                self.notices.append(command[name])
            else:
                self.heard.append(command)
            self._told.notify_all()
        if number is None or not self.answers:
            return
        refused = {"refused": self.refuses[name]} if name in self.refuses else {}
        self.say(answer=number, **refused, **self.results.get(name, {}))
        if not refused and self.obeys:
            self._obey(name, command[name])

    def _obey(self, name, value):
        if name == "play":
            self.say(playing=value)
        elif name == "out":
            self.say(outputs=value)
        elif name == "set":
            self._controls |= value
            self.say(controls=self._controls)

    def _play(self):
        self._controls = dict(CONTROLS)
        self.say(hello=self._hello)
        self.say(controls=self._controls)
        self.say(playing=True)
        self.say(outputs=["null"])
        end = time.monotonic() + 0.1
        for step in itertools.count():
            now = time.monotonic()
            while end < now + AHEAD_SECONDS:
                self._index = getattr(self, "_index", -1) + 1
                queued = self._music(self._index, end)
                self.say(phrase=queued)
                end = queued["end"]
            self.say(moment=moment(now, end, step, self._index + 1))
            if self._end.wait(0.25):
                return


def moment(now, end, step, phrases):
    counts = [max(40 - 9 * abs(i - 2), 0) * step // 4 for i in range(51)]
    return {
        "now": now, "queue": end - now, "lateness": counts,
        "stats": {
            "notes": 4 * step, "late": 0, "accepted": 3 * phrases, "composed": 16 * phrases,
            "lateness_median_ms": 0.22, "lateness_p99_ms": 0.41, "lateness_max_ms": 0.6,
        },
        "rejected": {"pitch_class": 9 * phrases, "length": 4 * phrases, "pitch": phrases},
    }  # fmt: skip


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def spawn(fileno, settings, journal=None, state=""):
    """A panel whose descriptor 3 is `fileno`; `journal` is a file for its standard error.

    `state` is the folder where it keeps what outlives it.
    """
    root = pathlib.Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    environment |= {"XDG_STATE_HOME": str(state)} if state else {}
    command = [sys.executable, "-m", "stream.panel", json.dumps(settings)]
    actions = [(os.POSIX_SPAWN_DUP2, fileno, 3)]
    if journal:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions.append((os.POSIX_SPAWN_OPEN, 2, str(journal), flags, 0o600))
    return os.posix_spawn(sys.executable, command, environment, file_actions=actions)


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8765"
    with FakePlayer(address, band, profile=PROFILE) as player:
        print(player.notice, sorted(read_spec(VOICE).styles), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
