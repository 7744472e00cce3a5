"""Memory, processor time and wake-ups while playing, beside processes that do nothing.

Memory is PSS, summed over the player and the composer. The bare processes run before, in the same
way: Python with mido and an open serial port; Python with numpy and the shipped voice in a session.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import process
from benchmarks.line import Line
from benchmarks.record import Record, publish
from stream.settings import DEFAULT_VOICE
from stream.voice import find_voice

NAME = "footprint"
FILLING_SECONDS = 10.0
"""After which the queue is full and only what is played is composed."""
BARE_PLAYER = """
import sys, mido, serial
port = serial.Serial(sys.argv[1], 31250)
port.write(mido.Message("note_on", note=60).bin())
print(flush=True); sys.stdin.read()
"""
BARE_COMPOSER = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print(flush=True); sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """Readings of the player and its composer while they play."""

    player: float
    """MB"""
    composer: float
    """MB"""
    cpu: float
    """Share of one core, percent."""
    player_switches: float
    """Context switches a second."""
    composer_switches: float
    messages: float
    """MIDI messages a second."""
    seconds: float


def bare(program: str, argument: str) -> float:
    """PSS in MB of a Python program once it has said that it is ready."""
    command = [sys.executable, "-c", program, argument]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        memory = process.pss(child.pid)
        child.stdin.close()
    return memory


@contextlib.contextmanager
def playing(line: Line) -> Iterator[int]:
    """Process id of `perpetuum play` on `line`."""
    command = [sys.executable, "-m", "stream", "play", "--seed", "1", "--out"]
    command.append(f"serial:{line.device}")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as child:
        try:
            yield child.pid
        finally:
            child.send_signal(signal.SIGINT)


def drain(line: Line, seconds: float) -> int:
    """Bytes that arrive on `line` in that time."""
    count, end = 0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([line], [], [], left)[0]:
            count += len(os.read(line.master, 4096))
    return count


def watch(seconds: float) -> Usage:
    """Play for a while and read the meters."""
    with Line() as line, playing(line) as player:
        drain(line, FILLING_SECONDS)
        (composer,) = process.children(player)
        both = (player, composer)
        cpu = [process.cpu_seconds(pid) for pid in both]
        slept = [process.switches(pid) for pid in both]
        count = drain(line, seconds)
        spent = sum(process.cpu_seconds(p) - c for p, c in zip(both, cpu, strict=True))
        rates = [(process.switches(p) - s) / seconds for p, s in zip(both, slept, strict=True)]
        memory = [process.pss(pid) for pid in both]
    return Usage(*memory, 100 * spent / seconds, *rates, count / 3 / seconds, seconds)


def records(usage: Usage, bare_player: float, bare_composer: float) -> list[Record]:
    """One row a figure."""
    where = f"{DEFAULT_VOICE}, K = 16, 120 bpm, {usage.seconds:g} s"
    total = usage.player + usage.composer
    rows: Sequence[tuple[str, str, str, float, str | None]] = (
        ("perpetuum", "PSS, both processes", "MB", total, "at most 85"),
        ("perpetuum", "PSS, player", "MB", usage.player, None),
        ("bare player", "PSS", "MB", bare_player, None),
        ("perpetuum", "PSS, composer", "MB", usage.composer, None),
        ("bare composer", "PSS", "MB", bare_composer, None),
        ("perpetuum", "share of one core", "%", usage.cpu, "at most 2"),
        ("perpetuum", "context switches, player", "/s", usage.player_switches, None),
        ("perpetuum", "context switches, composer", "/s", usage.composer_switches, None),
        ("perpetuum", "MIDI messages", "/s", usage.messages, None),
    )
    return [
        Record(system, where, measure, unit, value, paper=goal)
        for system, measure, unit, value, goal in rows
    ]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    with Line() as line:
        bare_player = bare(BARE_PLAYER, line.device)
    bare_composer = bare(BARE_COMPOSER, str(find_voice(DEFAULT_VOICE)))
    publish(NAME, records(watch(args.seconds), bare_player, bare_composer))


if __name__ == "__main__":
    main()
