"""Memory, processor time and wake-ups while playing to MIDI.

Memory is that of player and composer while a voice plays alone, each page of both counted once
(`benchmarks.support.resident`). Beside it, in the same run: a bare player that has only
opened its port, and a bare composer that has only loaded the voice, each alone and both together.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import script
from benchmarks.record import Record, publish
from benchmarks.support.pty_line import Line
from benchmarks.support.resident import megabytes
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.voices.spec import find_voice

NAME = "footprint"
BARE_PLAYER = "import mido, serial, sys; p = serial.Serial(sys.argv[1]); sys.stdin.read()"
BARE_COMPOSER = """
import numpy, onnxruntime, sys
o = onnxruntime.SessionOptions()
o.intra_op_num_threads = o.inter_op_num_threads = 1
s = onnxruntime.InferenceSession(sys.argv[1], o, providers=["CPUExecutionProvider"])
sys.stdin.read()
"""
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return user and system time so far (s)."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_SECOND


def wake_ups(pids: Sequence[int]) -> int:
    """Return voluntary context switches so far, of every thread."""
    return sum(
        int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.MULTILINE)[1])
        for pid in pids
        for status in Path(f"/proc/{pid}/task").glob("*/status")
    )


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def drain(line: Line) -> None:
    """Read the line in a daemon thread, so that it never fills."""

    def read() -> None:
        while os.read(line.master, 4096):
            pass

    threading.Thread(target=read, daemon=True).start()


def bare(*programs: tuple[str, str]) -> float:
    """Return the memory of processes that run some code with an argument and wait (MB)."""
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", *program], stdin=subprocess.PIPE)
            )
            for program in programs
        ]
        time.sleep(3)
        found = megabytes([process.pid for process in processes])
        for process in processes:
            process.stdin.close()
    return found


def playing(seconds: float) -> tuple[float, float, float]:
    """Return memory (MB), per cent of a core, and wake-ups a second."""
    line = Line()
    drain(line)
    command = [sys.executable, "-m", "stream", "play", "--out", f"serial:{line.device}",
               "--seed", "1", "--bpm", "120", "--candidates", "16", "--ensemble", SOLO]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as player:
        time.sleep(5)
        pids = [player.pid, *children(player.pid)]
        cpu, wakes, begun = cpu_seconds(pids), wake_ups(pids), time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - begun
        share = 100 * (cpu_seconds(pids) - cpu) / passed
        rate = (wake_ups(pids) - wakes) / passed
        memory = megabytes(pids)
        player.terminate()
    return memory, share, rate


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--seconds", type=float, default=90)
    args = parser.parse_args()
    memory, share, rate = playing(args.seconds)
    line = Line()
    player = (BARE_PLAYER, line.device)
    composer = (BARE_COMPOSER, str(find_voice(DEFAULT_VOICE)))
    where = f"{DEFAULT_VOICE}, {SOLO}, 120 bpm, K = 16, {args.seconds:g} s"
    name = "memory, each page once"
    libraries = "numpy, onnxruntime, the voice"
    publish(
        NAME,
        [
            Record("perpetuum", where, name, "MB", memory, paper="at most 80"),
            Record("bare player", "mido, pyserial, a port", name, "MB", bare(player)),
            Record("bare composer", libraries, name, "MB", bare(composer)),
            Record("both bare ones", "together", name, "MB", bare(player, composer)),
            Record("perpetuum", where, "processor, share of a core", "%", share,
                   paper="at most 2"),
            Record("perpetuum", where, "wake-ups", "/s", rate),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
