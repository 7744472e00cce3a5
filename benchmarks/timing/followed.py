"""The real player on an unsteady clock: distance of its notes from the even beat, on its output.

A separate process sends the clock to the player's MIDI input, a pseudo-terminal, and at each tick a
datagram to the reader. From the time at which it is due, the datagram's lateness is that of a bare
loop; from the time at which it was written, it is the reader's own error. The player's notes come
as datagrams too, all stamped by the kernel. A rendering of the same music, one line on the grid,
says which note belongs to which beat. Times are in seconds.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import mido
from pythonosc.osc_message import OscMessage

from benchmarks.record import Readings, Record
from benchmarks.support.pty_line import Line
from benchmarks.support.stamped_port import NOTE_ON, StampedPort
from benchmarks.timing.footprint import children, cpu_seconds
from stream.util.realtime import note_priority

TICKS = 24
"""Clock ticks in a beat."""
BEATS = 64
LOCKED = 4
"""Number of beats after which notes count."""
TEMPOS = (60, 120, 200)
JITTER = 0.003
GOAL = "below 2"
"""Bound of the errors in milliseconds, for the player and for the reader that measures it."""
SETTLE_SECONDS = 8.0
"""Least time for the player to start, and for its composer to fill the queue."""
IDLE_SECONDS, IDLE_SHARE = 2.0, 0.05
"""Time in which both take less than this share of a core once the queue is full."""
START_SECONDS = 0.004
"""Time from the Start message to the first clock tick."""
MUSIC = (
    "--seed",
    "1",
    "--style",
    "jazz",
    "--bpm",
    "120",
    "--ensemble",
    "solo",
    "--expression",
    "0",
)
"""One line without performance, whose notes are on the grid."""
CLOCK, START = b"\xf8", b"\xfa"


@dataclass(frozen=True, slots=True)
class Captured:
    """The data captured with one clock."""

    notes: Sequence[tuple[float, int]]
    """Time of arrival and pitch of each note."""
    ticks: Sequence[float]
    """Time of arrival of the datagram of each tick."""
    sent: Sequence[float]
    """Time at which each tick was due."""
    written: Sequence[float]
    """Time at which the datagram of each tick was written."""
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


def send_clock(
    line: int, port: tuple[str, int], start: float, ticks: Sequence[float], stamps: Connection
) -> None:
    """Send Start, then a clock tick at each of these times, to the line and to the port.

    At the end pass on to `stamps` when the datagrams were written.
    """
    written = []
    with note_priority(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bare:
        bare.connect(port)
        _sleep(start)
        os.write(line, START)
        for tick in ticks:
            _sleep(tick)
            os.write(line, CLOCK)
            written.append(time.monotonic())
            bare.send(CLOCK)
    stamps.send(written)


def _sleep(until: float) -> None:
    left = until - time.monotonic()
    if left > 0:
        time.sleep(left)


@contextlib.contextmanager
def follower(out: StampedPort, clock: Line) -> Iterator[int]:
    """Run `perpetuum play` until the end of the block, and end it by SIGINT; yield its process."""
    flags = ["--clock", "follow", "--input", f"serial:{clock.device}", "--record", "0"]
    command = [sys.executable, "-m", "stream", "play", *flags, *MUSIC]
    with subprocess.Popen(
        [*command, "--out", "osc:{}:{}".format(*out.address)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGINT)


def settle(player: int) -> None:
    """Wait until neither the player nor its composer has anything to do."""
    time.sleep(SETTLE_SECONDS)
    spent = 0.0
    while (now := cpu_seconds([player, *children(player)])) > spent + IDLE_SHARE * IDLE_SECONDS:
        spent = now
        time.sleep(IDLE_SECONDS)


def measured(bpm: float) -> Captured:
    """Run the player on an unsteady clock, and capture its notes."""
    chance, tick = random.Random(f"{bpm}"), 60 / bpm / TICKS
    with (
        StampedPort() as out,
        StampedPort() as bare,
        Line() as clock,
        follower(out, clock) as player,
    ):
        settle(player)
        begin = time.monotonic() + 1.0
        sent = [begin + k * tick + chance.uniform(-JITTER, JITTER) for k in range(BEATS * TICKS)]
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        arguments = (clock.master, bare.address, sent[0] - START_SECONDS, sent, theirs)
        process = context.Process(target=send_clock, args=arguments)
        process.start()
        notes, ticks = capture(out, bare, begin + BEATS * TICKS * tick)
        written = ours.recv()
        process.join()
    return Captured(notes, ticks, sent, written, begin)


def capture(
    out: StampedPort, bare: StampedPort, end: float
) -> tuple[list[tuple[float, int]], list[float]]:
    """Return the notes and ticks that arrive at both ports until `end`, with their times."""
    notes: list[tuple[float, int]] = []
    ticks: list[float] = []
    while (left := end - time.monotonic()) > 0:
        ready = select.select([out, bare], [], [], left)[0]
        if bare in ready:
            ticks.append(bare.receive()[0])
        if out in ready:
            at, data = out.receive()
            message = OscMessage(data)
            if message.address == NOTE_ON:
                notes.append((at, message.params[1]))
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


def late(came: Sequence[float], due: Sequence[float]) -> Readings:
    """Return the milliseconds from each time to its arrival."""
    return Readings(tuple(1000 * (b - a) for a, b in zip(due, came, strict=False)))


def records() -> list[Record]:
    """Return the figures of each tempo."""
    music, found = rendered_notes(), []
    for bpm in TEMPOS:
        captured = measured(bpm)
        where = f"{bpm} bpm, jitter {1000 * JITTER:.0f} ms, {BEATS} beats"
        own = Readings(tuple(errors(captured, music, bpm)))
        for system, measure, readings, goal in (
            ("player's output", "onset error", own, GOAL),
            ("bare loop", "lateness", late(captured.ticks, captured.sent), None),
            ("reader alone", "lateness", late(captured.ticks, captured.written), GOAL),
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
