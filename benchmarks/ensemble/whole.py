"""Whole ensembles beside real music: clashes a minute, and how far two bars are from real ones.

For every ensemble, tunes of its style are composed. Clashes are minor seconds and ninths between
the lead and another part that last a beat or longer; real music's 90th percentile is the bound.
Minutes are counted at 120 quarter notes a minute for our tunes, and at 100 for real pieces, whose
tempos are incomplete; so the count is the stricter with us.
The Fréchet distance compares chord and rhythm features of two bars with held-out real pieces: of
the nearest corpus that there is, named in the table. The floor is one half of the real pieces
against the other; the control that must lose has the accompaniment of another tune.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import record, script
from benchmarks.ensemble.band_features import Floats, Piece, clashes, excerpts, frechet
from benchmarks.ensemble.band_pieces import our_pieces, real_pieces, shuffled
from benchmarks.record import Record

NAME = "whole"


class Plan(NamedTuple):
    """Tunes of one ensemble, and the corpus to compare them with."""

    voice: str
    style: str
    corpus: str


PLANS: Mapping[str, Plan] = {
    "folk": Plan("commons", "folk", "openscore_lieder"),
    "hymn": Plan("commons", "hymn", "open_hymnal_satb"),
    "jazz": Plan("commons", "jazz", "freedoom_band"),
    "song": Plan("commons", "song", "openscore_lieder"),
    "strings": Plan("commons", "bach", "openscore_quartets"),
    "band": Plan("session", "song", "freedoom_band"),
    "blues": Plan("blues", "major", "freedoom_band"),
    "ambient": Plan("commons", "hymn", "openscore_lieder"),
    "solo": Plan("commons", "folk", "openscore_lieder"),
}


def rates(pieces: Sequence[Piece]) -> list[float]:
    """Return the clashes a minute of each piece."""
    return [clashes(piece) / piece.minutes for piece in pieces if piece.minutes > 0]


def rows_of(pieces: Sequence[Piece]) -> Floats:
    """Return the features [n, F] of all excerpts of the pieces."""
    return np.concatenate([rows for piece in pieces if len(rows := excerpts(piece))])


def total(pieces: Sequence[Piece]) -> float:
    """Return the clashes a minute of all pieces together."""
    return sum(map(clashes, pieces)) / sum(piece.minutes for piece in pieces)


def records(ensemble: str, plan: Plan, real: Sequence[Piece], tunes: int) -> list[Record]:
    """Return the figures of one ensemble."""
    ours = our_pieces(plan.voice, ensemble, plan.style, tunes, seed=1)
    control = shuffled(ours, np.random.default_rng(0))
    bound = float(np.quantile(rates(real), 0.9))
    references = rows_of(real)
    where = f"{plan.style} of {plan.voice}, {plan.corpus}"
    clash = f"clashes a minute, real 90th percentile {bound:.2f}"
    goal = f"at most {bound:.2f}"
    far = "Fréchet distance of two bars"
    found = [
        Record(ensemble, where, clash, "", total(ours), n=len(ours), paper=goal),
        Record(ensemble, where, far, "", frechet(rows_of(ours), references), n=len(ours)),
    ]
    if ensemble != "solo":
        found += [
            Record("another tune's parts", where, clash, "", total(control), n=len(ours)),
            Record("another tune's parts", where, far, "", frechet(rows_of(control), references)),
        ]
    return found


def floors(name: str, real: Sequence[Piece]) -> list[Record]:
    """Return the figures of one corpus: real music beside itself, and beside a control."""
    halves = rows_of(real[::2]), rows_of(real[1::2])
    mixed = shuffled(real, np.random.default_rng(0))
    return [
        Record("real", name, "clashes a minute", "", total(real), n=len(real)),
        Record("real, another piece's parts", name, "clashes a minute", "", total(mixed)),
        Record("real", name, "Fréchet distance of two bars", "", frechet(*halves), n=len(real)),
    ]


def main(argv: list[str] | None = None) -> int:
    """Measure every ensemble, publish the records."""
    made = script.parser(NAME, __doc__)
    made.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    made.add_argument("--tunes", type=int, default=20, help="tunes of each ensemble")
    made.add_argument("--pieces", type=int, default=60, help="most real pieces of a corpus")
    args = made.parse_args(argv)

    def measure() -> None:
        script.require_positive(args, "tunes", "pieces")
        real = {
            name: real_pieces(args.corpora, name, args.pieces)
            for name in sorted({plan.corpus for plan in PLANS.values()})
        }
        found = [row for name, pieces in real.items() for row in floors(name, pieces)]
        for ensemble, plan in PLANS.items():
            found += records(ensemble, plan, real[plan.corpus], args.tunes)
        record.publish(NAME, found)

    return script.run(measure)


if __name__ == "__main__":
    sys.exit(main())
