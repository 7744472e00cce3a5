"""Time from exec to the first note, beside a bare import of the libraries the runtime needs.

Two commands take turns: `python -m stream play` on a pseudo-terminal, until the first note-on can
be read there, with another seed each time; and `python -c 'import numpy, onnxruntime, mido'`, until
it ends. All files are cached.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support.pty_line import Line
from stream.config.settings import DEFAULT_VOICE

NAME = "start"
BARE = [sys.executable, "-c", "import numpy, onnxruntime, mido"]


def first_note(seed: int) -> float:
    """Return seconds from exec to the first byte of the first note of the stream of `seed`."""
    with Line() as line:
        out = f"serial:{line.device}"
        command = [sys.executable, "-m", "stream", "play", "--out", out, "--seed", f"{seed}"]
        begun = time.monotonic()
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as player:
            os.read(line.master, 1)
            seconds = time.monotonic() - begun
            player.terminate()
            while player.poll() is None:
                os.read(line.master, 4096)
                player.wait(5)
    return seconds


def bare_import() -> float:
    """Return seconds from exec to the end of the imports and of the process."""
    begun = time.monotonic()
    subprocess.run(BARE, check=True)
    return time.monotonic() - begun


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--pairs", type=int, default=15)
    args = parser.parse_args()
    first_note(0), bare_import()
    pairs = [(first_note(seed), bare_import()) for seed in range(args.pairs)]
    ours, bare = (Readings(values) for values in zip(*pairs, strict=True))
    ratio = Readings(tuple(a / b for a, b in pairs))
    where, n = f"{DEFAULT_VOICE}, files cached", len(pairs)
    publish(
        NAME,
        [
            Record("perpetuum", where, "exec to first note", "s", ours.median, ours.sd, n,
                   "at most 0.3"),
            Record("bare import", where, "exec to end", "s", bare.median, bare.sd, n),
            Record("perpetuum / bare", where, "start", "", ratio.median, ratio.sd, n,
                   "at most 2.5"),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
