"""The real player on an unsteady clock: distance of its notes from the even beat, on its output.

A separate process sends the clock to the player's MIDI input, a pseudo-terminal, and at each tick a
byte down another line to the reader alone: lateness there is the machine's. A rendering of the same
music says which note belongs to which beat. Times are in seconds.
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
"""Clock ticks in a beat."""
BEATS = 64
LOCKED = 4
"""Number of beats after which notes count."""
TEMPOS = (60, 120, 200)
JITTER = 0.003
SETTLE_SECONDS = 8.0
"""Time for the player to start, and for its composer to fill the queue."""
START_SECONDS = 0.004
"""Time from the Start message to the first clock tick."""
MUSIC = ("--seed", "1", "--style", "jazz")
CLOCK, START = b"\xf8", b"\xfa"


@dataclass(frozen=True, slots=True)
class Captured:
    """The data captured with one clock."""

    notes: Sequence[tuple[float, int]]
    """Time of arrival and pitch of each note."""
    ticks: Sequence[float]
    """Time of arrival of each byte on the reader's own line."""
    sent: Sequence[float]
    """Time at which each tick was due."""
    begin: float
    """Time of beat 0."""


def rendered_notes() -> list[tuple[float, int]]:
    """Return beat and pitch of each note of the music."""
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


def send_clock(lines: tuple[int, int], start: float, ticks: Sequence[float]) -> None:
    """Send Start, then a clock tick at each of these times."""
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
    """Run `perpetuum play` until the end of the block, and end it by SIGINT."""
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


def measured(bpm: float) -> Captured:
    """Run the player on an unsteady clock, and capture its notes."""
    chance, tick = random.Random(f"{bpm}"), 60 / bpm / TICKS
    with Line() as out, Line() as clock, Line() as bare, follower(out, clock):
        time.sleep(SETTLE_SECONDS)
        begin = time.monotonic() + 1.0
        sent = [begin + k * tick + chance.uniform(-JITTER, JITTER) for k in range(BEATS * TICKS)]
        near = os.open(bare.device, os.O_WRONLY | os.O_NOCTTY)
        process = multiprocessing.get_context("fork").Process(
            target=send_clock, args=((clock.master, near), sent[0] - START_SECONDS, sent)
        )
        process.start()
        with note_priority():
            notes, ticks = capture(out, bare, begin + BEATS * TICKS * tick)
        process.join()
        os.close(near)
    return Captured(notes, ticks, sent, begin)


def capture(out: Line, bare: Line, end: float) -> tuple[list[tuple[float, int]], list[float]]:
    """Return the notes and ticks that arrive on both lines until `end`, with their times."""
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


def errors(captured: Captured, music: Sequence[tuple[float, int]], bpm: float) -> list[float]:
    """Return the distance of each note after the first beats from its due time (ms)."""
    if [pitch for _, pitch in captured.notes] != [
        pitch for _, pitch in music[: len(captured.notes)]
    ]:
        raise RuntimeError("the player has played other music than was rendered")
    table = zip(captured.notes, music, strict=False)
    return [
        1000 * abs(time_ - captured.begin - beat * 60 / bpm)
        for (time_, _), (beat, _) in table
        if beat >= LOCKED
    ]


def records() -> list[Record]:
    """Return the figures of each tempo."""
    music, found = rendered_notes(), []
    for bpm in TEMPOS:
        captured = measured(bpm)
        where = f"{bpm} bpm, jitter {1000 * JITTER:.0f} ms, {BEATS} beats"
        own = Readings(tuple(errors(captured, music, bpm)))
        pairs = zip(captured.ticks, captured.sent, strict=False)
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
