"""The real player on a shaky clock: how far its notes lie from the even beat, at the end of a line.

A process of its own strikes the clock on the player's MIDI input, a pseudo-terminal, and at each
tick sends a byte down a line that nobody but the reader has: what comes late there is the machine's
doing. Which note comes on which beat a rendering of the same music says. Times in seconds.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido

from benchmarks.record import Readings, Record
from benchmarks.support.pty_line import Line
from stream.util.realtime import note_priority

TICKS = 24
"""In a beat."""
BEATS = 64
LOCKED = 4
"""Beats after which notes are to be on time."""
TEMPOS = (60, 120, 200)
JITTER = 0.003
SETTLE_SECONDS = 8.0
"""For the player to start, and its composer to fill the queue."""
START_SECONDS = 0.004
"""From Start to the first clock."""
MUSIC = ("--seed", "1", "--style", "jazz")
CLOCK, START = b"\xf8", b"\xfa"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one clock."""

    notes: Sequence[tuple[float, int]]
    """When each note arrived, and its pitch."""
    ticks: Sequence[float]
    """When each byte arrived that went down the line of its own."""
    sent: Sequence[float]
    """When it was to be sent."""
    begin: float
    """Beat 0."""


def sheet() -> list[tuple[float, int]]:
    """Beat and pitch of each note of the music."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "music.mid"
        command = [sys.executable, "-m", "stream", "render", "--minutes", "2", *MUSIC, str(path)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        file = mido.MidiFile(path)
    now, notes = 0, []
    for message in mido.merge_tracks(file.tracks):
        now += message.time
        if message.type == "note_on" and message.velocity:
            notes.append((now / file.ticks_per_beat, message.note))
    return notes


def strike(lines: tuple[int, int], start: float, ticks: Sequence[float]) -> None:
    """Start, then a clock at each of these times."""
    with note_priority():
        _sleep(start)
        os.write(lines[0], START)
        for tick in ticks:
            _sleep(tick)
            for line in lines:
                os.write(line, CLOCK)


def _sleep(until: float) -> None:
    left = until - time.monotonic()
    if left > 0:
        time.sleep(left)


@contextlib.contextmanager
def follower(out: Line, clock: Line) -> Iterator[None]:
    """`perpetuum play`, ended by Ctrl-C."""
    flags = ["--clock", "follow", "--input", f"serial:{clock.device}", "--record", "0"]
    command = [sys.executable, "-m", "stream", "play", *flags, *MUSIC]
    with subprocess.Popen(
        [*command, "--out", f"serial:{out.device}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)


def played(bpm: float) -> Heard:
    """Let the player follow, and hear it."""
    shake, tick = random.Random(f"{bpm}"), 60 / bpm / TICKS
    with Line() as out, Line() as clock, Line() as bare, follower(out, clock):
        time.sleep(SETTLE_SECONDS)
        begin = time.monotonic() + 1.0
        sent = [begin + k * tick + shake.uniform(-JITTER, JITTER) for k in range(BEATS * TICKS)]
        near = os.open(bare.device, os.O_WRONLY | os.O_NOCTTY)
        process = multiprocessing.get_context("fork").Process(
            target=strike, args=((clock.master, near), sent[0] - START_SECONDS, sent)
        )
        process.start()
        with note_priority():
            notes, ticks = listen(out, bare, begin + BEATS * TICKS * tick)
        process.join()
        os.close(near)
    return Heard(notes, ticks, sent, begin)


def listen(out: Line, bare: Line, end: float) -> tuple[list[tuple[float, int]], list[float]]:
    """Stamp what arrives on both lines, until `end`."""
    notes: list[tuple[float, int]] = []
    ticks: list[float] = []
    parser = mido.Parser()
    while (left := end - time.monotonic()) > 0:
        ready = select.select([out, bare], [], [], left)[0]
        now = time.monotonic()
        if bare in ready:
            ticks += [now] * len(os.read(bare.master, 4096))
        if out in ready:
            parser.feed(os.read(out.master, 4096))
            notes += [(now, m.note) for m in parser if m.type == "note_on" and m.velocity]
    return notes, ticks


def errors(heard: Heard, music: Sequence[tuple[float, int]], bpm: float) -> list[float]:
    """Milliseconds between each note after the first beats and its place."""
    if [pitch for _, pitch in heard.notes] != [pitch for _, pitch in music[: len(heard.notes)]]:
        raise RuntimeError("the player has played another music than was rendered")
    table = zip(heard.notes, music, strict=False)
    return [
        1000 * abs(time_ - heard.begin - beat * 60 / bpm)
        for (time_, _), (beat, _) in table
        if beat >= LOCKED
    ]


def records() -> list[Record]:
    """The figures of each tempo."""
    music, found = sheet(), []
    for bpm in TEMPOS:
        heard = played(bpm)
        where = f"{bpm} bpm, jitter {1000 * JITTER:.0f} ms, {BEATS} beats"
        own = Readings(tuple(errors(heard, music, bpm)))
        pairs = zip(heard.ticks, heard.sent, strict=False)
        bare = Readings(tuple(1000 * (came - sent) for came, sent in pairs))
        for system, measure, readings, goal in (
            ("player's output", "onset error", own, "below 2"),
            ("the line alone", "lateness", bare, None),
        ):
            found += [
                Record(system, where, f"{measure}, {name}", "ms", value, None, n, goal)
                for n in [len(readings.values)]
                for name, value in (
                    ("median", readings.median),
                    ("p99", readings.quantile(0.99)),
                    ("worst", readings.quantile(1.0)),
                )
            ]
    return found
