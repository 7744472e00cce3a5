"""Estimates that follow from figures of other pages: memory, and the share of the whole program.

    python -m benchmarks.board.derived

This makes them anew, and the page, after those pages have changed; nothing is counted again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import record, script
from benchmarks.board import page
from benchmarks.board.boards import BOARDS
from benchmarks.board.page import CONTROL as HERE
from benchmarks.board.page import MEMORY, RATING, WHOLE
from benchmarks.record import Document, Record

NAME = "board"
RATE = "instructions a second, estimate"
BEHIND = "instructions behind one of the rating"
HERE_TOO = "x86-64"
MEBI = 2**20 / 1e6
"""Megabytes of one of the 512 that a board has."""
SOLO, BAND = ("footprint", "perpetuum"), ("ensemble_speed", "band")
"""Page and system of the whole program's figures."""


def completed(records: Sequence[Record]) -> list[Record]:
    """Return the counted figures with what follows from those of other pages."""
    kept = [r for r in records if r.measure not in {MEMORY, WHOLE}]
    value = {(r.system, r.measure): r.value for r in kept}
    here = value[HERE, RATING] * value[HERE_TOO, BEHIND]
    rates = {board.name: value[board.name, RATE] for board in BOARDS}
    for name, system in (SOLO, BAND):
        documents = [d for d in record.read(name) if d["system"] == system]
        kept += [row for d in documents for row in _of(d, name, here, rates)]
    return kept


def _of(document: Document, page: str, here: float, rates: dict[str, float]) -> list[Record]:
    where, value = f"{document['system']}, {document['set']}", float(str(document["value"]))
    measure, unit = str(document["measure"]), document["unit"]
    beside = f"{value:.3g} {unit} on this machine, {page}.md"
    if unit == "MB" and "memory" in measure:
        share = 100 * value / (BOARDS[0].memory * MEBI)
        return [Record(BOARDS[0].name, where, MEMORY, "%", share, paper=beside)]
    if measure == "processor, share of a core":
        return [
            Record(name, where, WHOLE, "%", value * here / rate, paper=beside)
            for name, rate in rates.items()
        ]
    return []


def main() -> int:
    """Make the estimates and the page anew."""
    script.parser("derived", __doc__).parse_args()

    def action() -> None:
        found = completed([Record(**d) for d in record.read(NAME)])  # type: ignore[arg-type]
        record.publish(NAME, found, page=page.text(found, found[0].command))

    return script.run(action)


if __name__ == "__main__":
    sys.exit(main())
