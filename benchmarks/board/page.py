"""The page of results, made from the records alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks import record
from benchmarks.board.boards import BOARDS, Board
from benchmarks.record import Record, figure, markdown

SPEED = "composing, x real time, estimate"
SHARE = "share of a core, estimate"
START = "exec to first phrase, files on the card, estimate"
CONTROL, RATING = "control: this machine", "7-Zip rating"
MEMORY = "memory, share of 512 MB, estimate"
WHOLE = "share of a core, playing and composing, estimate"
FACTOR = "estimate off by a factor of"
INTRODUCTION = """# On a board: estimates

**Nobody here has a board; every figure of this page about one is an estimate.** What is counted is
real: the program composes in QEMU's emulation of the board's processor, and a plugin
(`benchmarks/board/count.c`) counts the instructions that it executes. How many a board executes in
a second is taken from its published rating by 7-Zip on one core, times the instructions that are
behind one of the rating, which are counted in the same way.

Assumptions: composing has the instructions a cycle of 7-Zip, which is a program with many branches
and cache misses; vector instructions count as one each; the clock is not throttled by heat; one
core does the work; the A72 executes the instructions of the A53, as its instruction set is the
same. QEMU tells ONNX Runtime the features of the processor that it emulates, so that the kernels
are those of the board. Composing alone is counted; the share of the whole program, playing
included, is its share of a core of this machine, from [footprint.md](footprint.md) and
[ensemble_speed.md](ensemble_speed.md), times the ratio of the instructions a second."""
CHECKED = """## The control

The same is estimated for this machine, where the time can be measured beside it: instructions in
QEMU's emulation of an x86-64 processor, and 7-Zip's rating of one of its cores. The emulation has
no AVX-512, which the machine itself uses, so it counts more."""
STARTING = """## Memory and start

Linux leaves a Zero 2 W about 417 of its 512 MB, and Raspberry Pi OS Lite (64 bits) uses 125 of them
(https://docs.printercow.com/guide/32bit-vs-64bit.html, read as found, one board). The program's own
memory was measured on x86-64 (footprint.md). The start is counted from the start of the composer's
process to its first phrase; with files on the card, all files that it maps or imports are read
first, at the rate that a microSD card reaches in the board's slot: 22 MB a second in the Zero 2 W
and the 3 (the bus's 50 MHz by four bits, https://raspberrypi.stackexchange.com/q/43618), and by
the modes DDR50 and SDR104 of the 4 and the 5 about 40 and 80
(https://www.raspberrypi.com/documentation/accessories/sd-cards.html names the modes)."""
Shown = Callable[[Mapping[str, float]], str]
"""Text of a cell from the figures of a board and a music."""


def text(records: Sequence[Record], call: str) -> str:
    """Return the page."""
    parts = [
        INTRODUCTION, "## Expected speed", summary(records), whole(records), sources(),
        CHECKED, checked(records), STARTING, memory(records), starts(records),
        *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def summary(records: Sequence[Record]) -> str:
    """Return times real time, and share of a core, of each board and music."""
    return _by_board(records, lambda found: f"{figure(found[SPEED])} x, {found[SHARE]:.1f} %")


def starts(records: Sequence[Record]) -> str:
    """Return the seconds of a start of each board and music."""
    return _by_board(records, lambda found: f"{found[START]:.1f} s")


def whole(records: Sequence[Record]) -> str:
    """Return the share of a core of the whole program on each board."""
    found = [r for r in records if r.measure == WHOLE]
    if not found:
        return "The share of the whole program is not known."
    musics = list(dict.fromkeys(r.set for r in found))
    value = {(r.system, r.set): r.value for r in found}
    rows = [(b.name, *(f"{value[b.name, m]:.1f} %" for m in musics)) for b in BOARDS]
    return markdown(("playing and composing", *musics), rows)


def memory(records: Sequence[Record]) -> str:
    """Return the share of 512 MB, line by line."""
    found = [r for r in records if r.measure == MEMORY]
    return "\n".join(f"- {r.set}: {r.value:.0f} % of 512 MB ({r.paper})" for r in found)


def sources() -> str:
    """Return where each rating was published."""
    return "Ratings: " + "; ".join(f"{b.name} {b.rating:.0f} ({b.source})" for b in BOARDS) + "."


def checked(records: Sequence[Record]) -> str:
    """Return the control's estimates beside what was measured."""
    own = [r for r in records if r.system == CONTROL and r.measure != RATING]
    rows = []
    for music in dict.fromkeys(r.set for r in own):
        found = {r.measure: r.value for r in own if r.set == music}
        rows.append((music, *(figure(value) for value in found.values())))
    head = ("music", "estimate, ms for a second", "measured", "off by a factor of")
    return markdown(head, rows)


def _by_board(records: Sequence[Record], shown: Shown) -> str:
    boards = [b for b in BOARDS if any(r.system == b.name for r in records)]
    musics = list(dict.fromkeys(r.set for r in records if r.measure == SPEED))
    rows = [_row(board, musics, records, shown) for board in boards]
    return markdown(("board", "cores", *musics), rows)


def _row(
    board: Board, musics: Sequence[str], records: Sequence[Record], shown: Shown
) -> tuple[str, ...]:
    cells = []
    for music in musics:
        found = {r.measure: r.value for r in records if (r.system, r.set) == (board.name, music)}
        cells.append(shown(found))
    return board.name, board.cores, *cells
