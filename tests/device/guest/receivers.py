"""Receivers: a device or a program that records each message with its time."""

import contextlib
import os
import re
import select
import termios
import threading
import time
import tty
from pathlib import Path

import mido
from lines import Lines

CARDS = Path("/proc/asound/cards")
CLIENTS = Path("/proc/asound/seq/clients")


class Device:
    """A reader of raw MIDI from a device file; `find` returns its path, or None without a file."""

    def __init__(self, find):
        self.received = []
        """Times (s, monotonic) and messages."""
        self._find = find
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            path = self._find()
            if path is not None:
                with contextlib.suppress(OSError):  # it was unplugged, or is not complete yet
                    self._read(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
            time.sleep(0.002)

    def _read(self, file):
        parser = mido.Parser()
        poll = select.poll()
        poll.register(file, select.POLLIN)
        try:
            if os.isatty(file):
                tty.setraw(file, termios.TCSANOW)
            while True:
                poll.poll()
                data = os.read(file, 4096)
                if not data:
                    return
                now = time.monotonic()
                parser.feed(data)
                self.received += [(now, message) for message in parser]
        finally:
            os.close(file)


def raw_midi(card):
    """Return the device file of the first sound card listed with this text, or None."""
    cards = CARDS.read_text(encoding="utf-8") if CARDS.exists() else ""
    listed = re.search(rf"^ *(\d+) .*{re.escape(card)}", cards, re.MULTILINE)
    path = Path("/dev/snd") / f"midiC{listed[1]}D0" if listed else None
    return path if path and path.exists() else None


def client(name):
    """Return the line in which ALSA's sequencer lists a client, or an empty string."""
    clients = CLIENTS.read_text(encoding="utf-8").splitlines()
    return next((line for line in clients if f'"{name}" [' in line), "")


class Program:
    """The program aseqdump, ALSA's own receiver and an independent client of the sequencer."""

    NOTE = re.compile(r"Note (on|off)\s+(\d+), note (\d+)(?:, velocity (\d+))?")
    CONTROL = re.compile(r"Control change\s+(\d+), controller (\d+), value (\d+)")

    def __init__(self):
        self._runs = []

    @property
    def received(self):
        return [
            (at, message)
            for run in self._runs
            for at, line in tuple(run.lines)
            if (message := self._message(line)) is not None
        ]

    def plug(self):
        self._runs.append(Lines(["stdbuf", "-oL", "aseqdump"]))

    def unplug(self):
        self._runs[-1].process.kill()
        self._runs[-1].process.wait()

    def _message(self, line):
        if note := self.NOTE.search(line):
            kind, channel, pitch, velocity = note.groups()
            key = {"channel": int(channel), "note": int(pitch)}
            return mido.Message(f"note_{kind}", velocity=int(velocity or 0), **key)
        if control := self.CONTROL.search(line):
            channel, number, value = map(int, control.groups())
            return mido.Message("control_change", channel=channel, control=number, value=value)
        return None
