"""From exec to the first note, beside the bare import of the libraries, in turns.

The first note is its first byte at the far end of a serial line. The bare process imports numpy,
onnxruntime and mido, one after the other, and says so. Files are cached: a first pair is not counted.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import subprocess
import sys
import time

from benchmarks.line import Line
from benchmarks.record import Readings, Record, publish
from stream.settings import DEFAULT_VOICE

NAME = "start"
PATIENCE_SECONDS = 30.0
BARE = "import numpy, onnxruntime, mido; print(flush=True)"


def first_note() -> float:
    """Seconds from exec to the first byte of the first note."""
    with Line() as line:
        command = [sys.executable, "-m", "stream", "play", "--seed", "1"]
        command += ["--out", f"serial:{line.device}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        begun = time.monotonic()
        with subprocess.Popen(command, **quiet) as child:
            came = select.select([line], [], [], PATIENCE_SECONDS)[0]
            seconds = time.monotonic() - begun
            if came:
                os.read(line.master, 1)
            child.send_signal(signal.SIGINT)
        if not came:
            raise SystemExit(f"start: no note within {PATIENCE_SECONDS:g} s")
    return seconds


def bare_import() -> float:
    """Seconds from exec until everything is imported."""
    begun = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        seconds = time.monotonic() - begun
    return seconds


def records(ours: Readings, theirs: Readings) -> list[Record]:
    """Medians and their ratio."""
    n = len(ours.values)
    ratio = ours.median / theirs.median
    return [
        Record(
            "perpetuum",
            DEFAULT_VOICE,
            "exec to first note, median",
            "s",
            ours.median,
            ours.sd,
            n,
            "at most 0.6",
        ),
        Record(
            "bare import",
            "numpy, onnxruntime, mido",
            "exec to imported, median",
            "s",
            theirs.median,
            theirs.sd,
            n,
        ),
        Record(
            "perpetuum / bare",
            DEFAULT_VOICE,
            "exec to first note, median",
            "",
            ratio,
            None,
            n,
            "at most 2.5",
        ),
    ]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--pairs", type=int, default=15)
    args = parser.parse_args()
    pairs = [(first_note(), bare_import()) for _ in range(args.pairs + 1)][1:]
    ours, theirs = (Readings(values) for values in zip(*pairs, strict=True))
    publish(NAME, records(ours, theirs))


if __name__ == "__main__":
    main()
