"""Memory, processor time and wake-ups while playing to MIDI.

Memory is PSS (proportional set size), summed over player and composer. Beside it, in the same run,
each by itself: a bare player that has only opened its port, and a bare composer that has only
loaded the voice.
"""

from __future__ import annotations

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
from stream.config.settings import DEFAULT_VOICE
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


def pss(pids: Sequence[int]) -> float:
    """Return the proportional set size in megabytes (10^6 bytes)."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        total += int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1])
    return total * 1024 / 1e6


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


def bare(code: str, argument: str) -> float:
    """Return the PSS of a process that runs `code` and waits (MB)."""
    command = [sys.executable, "-c", code, argument]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        time.sleep(2)
        megabytes = pss([process.pid])
        process.stdin.close()
    return megabytes


def playing(seconds: float) -> tuple[float, float, float, tuple[float, float]]:
    """Return PSS, per cent of a core, wake-ups a second, and the PSS of the bare two beside it."""
    line, other = Line(), Line()
    drain(line)
    command = [sys.executable, "-m", "stream", "play", "--out", f"serial:{line.device}",
               "--seed", "1", "--bpm", "120", "--candidates", "16"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as player:
        time.sleep(5)
        pids = [player.pid, *children(player.pid)]
        cpu, wakes, begun = cpu_seconds(pids), wake_ups(pids), time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - begun
        share = 100 * (cpu_seconds(pids) - cpu) / passed
        rate = (wake_ups(pids) - wakes) / passed
        megabytes = pss(pids)
        player.terminate()
    voice = str(find_voice(DEFAULT_VOICE))
    return megabytes, share, rate, (bare(BARE_PLAYER, other.device), bare(BARE_COMPOSER, voice))


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--seconds", type=float, default=90)
    args = parser.parse_args()
    megabytes, share, rate, (player, composer) = playing(args.seconds)
    where = f"{DEFAULT_VOICE}, 120 bpm, K = 16, {args.seconds:g} s"
    publish(
        NAME,
        [
            Record("perpetuum", where, "memory, PSS of all processes", "MB", megabytes,
                   paper="at most 85"),
            Record("bare player", "mido, pyserial, a port", "memory, PSS", "MB", player),
            Record("bare composer", "numpy, onnxruntime, the voice", "memory, PSS", "MB",
                   composer),
            Record("perpetuum", where, "processor, share of a core", "%", share,
                   paper="at most 2"),
            Record("perpetuum", where, "wake-ups", "/s", rate),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
