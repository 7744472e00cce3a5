"""An estimate of the speed on a Raspberry Pi, from instructions that are counted in emulation.

    python -m benchmarks.board --root ROOT --rating ARM/7zr --rating-here 7zr

No board was at hand. Composing runs in QEMU's emulation of the board's processor, in a 64-bit ARM
system with the program installed (`tests/device` makes one); a plugin counts the instructions. A
board executes as many a second as its published rating by 7-Zip says, times the instructions behind
one of the rating, which are counted in the same way.

The control does the same for this machine, whose processor time can be measured beside it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import record, script
from benchmarks.board import derived, page, rating
from benchmarks.board.boards import BOARDS, Board
from benchmarks.board.counting import (
    GUEST,
    SOURCE,
    WARM,
    X86_64,
    Processor,
    Work,
    composing,
    installed,
)
from benchmarks.record import Record

NAME = "board"
MUSIC = (
    ("commons", "folk", "solo"),
    ("session", "song", "solo"),
    ("piano", "piano", "solo"),
    ("session", "song", "band"),
)
"""Voice, style and ensemble of what is composed."""
NATIVE = Processor("max", X86_64)
AGREES = 2.0
"""Largest factor by which the control may be wrong."""
Key = tuple[str, int]
"""Name of a processor and number of the music."""


def label(music: Sequence[str]) -> str:
    voice, style, ensemble = music
    return f"{style} of {voice}, {ensemble}, K = 16"


def works(processors: Sequence[Processor], phrases: int, jobs: int) -> Mapping[Key, Work]:
    """Return what each processor executes for each music."""
    wanted = [(p, i) for p in processors for i in range(len(MUSIC))]
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda each: _work(*each, phrases), wanted)
        return {(p.name, i): work for (p, i), work in zip(wanted, found, strict=True)}


def _work(processor: Processor, i: int, phrases: int) -> Work:
    found = composing(processor, MUSIC[i], phrases)
    each = found.each_second / 1e6
    print(f"{processor.name}, {label(MUSIC[i])}: {each:.1f} million", file=sys.stderr, flush=True)
    return found


def measured(music: Sequence[str], phrases: int) -> float:
    """Return the seconds of this machine's processor for each second of music."""
    program = [sys.executable, "-m", GUEST, *music, f"{WARM + phrases}", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        program, check=True, capture_output=True, text=True, cwd=SOURCE, env=environment
    )
    document = json.loads(done.stdout.splitlines()[-1])
    return sum(document["processor"][WARM:]) / sum(document["music"][WARM:])


def counts(found: Mapping[Key, Work]) -> list[Record]:
    """Return the instructions that were counted."""
    rows = []
    for (processor, i), work in found.items():
        where = f"{label(MUSIC[i])}, {work.music:.0f} s of music"
        each, start = work.each_second / 1e6, work.start / 1e6
        rows += [
            Record(processor, where, "instructions for a second of music", "million", each),
            Record(processor, where, "instructions to the first phrase", "million", start),
        ]
    return rows


def estimated(board: Board, found: Mapping[Key, Work], behind: float) -> list[Record]:
    """Return the expected speed, share of a core and start of one board."""
    rate = board.rating * 1e6 * behind
    rated = f"7-Zip rating {board.rating:.0f}: {board.source}"
    rows = [
        Record(board.name, board.cores, derived.RATE, "million", rate / 1e6,
               paper=rated)
    ]  # fmt: skip
    for i, music in enumerate(MUSIC):
        work, where = found[board.emulated, i], label(music)
        speed = rate / work.each_second
        read = work.files / 1e6 / board.card
        rows += [
            Record(board.name, where, "composing, x real time, estimate", "", speed),
            Record(board.name, where, "share of a core, estimate", "%", 100 / speed),
            Record(board.name, where, "exec to first phrase, files cached, estimate", "s",
                   work.start / rate),
            Record(board.name, where, "exec to first phrase, files on the card, estimate", "s",
                   work.start / rate + read, paper=f"{work.files / 1e6:.0f} MB of files"),
        ]  # fmt: skip
    return rows


def controls(
    found: Mapping[Key, Work], behind: float, own: float, took: Sequence[float]
) -> list[Record]:
    """Return the estimates for this machine beside what was measured."""
    rate, rows = own * 1e6 * behind, []
    for i, music in enumerate(MUSIC):
        estimate = found[NATIVE.name, i].each_second / rate
        factor = max(estimate / took[i], took[i] / estimate)
        for measure, value in (("estimate", estimate), ("measured", took[i])):
            rows.append(Record(derived.HERE, label(music),
                               f"processor time for a second of music, {measure}", "ms",
                               1000 * value))  # fmt: skip
        rows.append(Record(derived.HERE, label(music), "estimate off by a factor of",
                           "", factor, paper=f"at most {AGREES:.0f}"))  # fmt: skip
    return rows


def records(system: Processor, ratings: Sequence[Path], phrases: int, jobs: int) -> list[Record]:
    """Return all figures; `ratings` are the programs 7zr for ARM and for this machine."""
    emulated = [
        dataclasses.replace(system, name=name)
        for name in dict.fromkeys(board.emulated for board in BOARDS)
    ]
    with ThreadPoolExecutor(jobs) as pool:
        behind = list(pool.map(rating.behind_one, ratings, (emulated[0], NATIVE)))
    found = works([*emulated, NATIVE], phrases, jobs)
    own = rating.here(ratings[1])
    took = [measured(music, phrases) for music in MUSIC]
    rows = [
        Record("aarch64", "7zr b, 2^18 bytes", derived.BEHIND, "",
               behind[0]),
        Record(derived.HERE_TOO, "7zr b, 2^18 bytes", derived.BEHIND, "",
               behind[1]),
        Record(derived.HERE, "7zr b, 2^22 bytes", derived.RATING, "", own),
    ]  # fmt: skip
    for board in BOARDS:
        rows += estimated(board, found, behind[0])
    return [*rows, *controls(found, behind[1], own, took), *counts(found)]


def main() -> int:
    """Count, estimate, publish."""
    made = script.parser(NAME, __doc__)
    made.add_argument("--root", type=Path, required=True, help="64-bit ARM system")
    made.add_argument("--rating", type=Path, required=True, help="7zr for 64-bit ARM")
    made.add_argument("--rating-here", type=Path, required=True, help="7zr for this machine")
    counts = [("phrases", 6, "phrases that are counted"), ("jobs", 2, "emulations at a time")]
    script.add_counts(made, counts)
    args = made.parse_args()

    def measure() -> None:
        script.require_positive(args, "phrases", "jobs")
        programs = (args.rating.resolve(), args.rating_here.resolve())
        found = records(installed(args.root.resolve()), programs, args.phrases, args.jobs)
        found = derived.completed(found)
        record.publish(NAME, found, page=page.text(found, script.command(NAME)))

    return script.run(measure)


if __name__ == "__main__":
    sys.exit(main())
