"""Quality of the field: our voices and ensembles, IMPSY, a chain of order 3, and real music.

    python -m benchmarks.field --corpora corpora --corpus folk=... [--smg-eval PROGRAM]
        [--impsy PYTHON --impsy-model folk:NAME=FILE]

An hour of every voice and ensemble, and as much of the others, is set beside held-out real music:
by the metrics of `smg-metrics`, whose program is called if it is given, and by this project's
realism test, trees that tell excerpts from real ones. IMPSY plays in its own Python, with the
models that are given; each is set beside the real tunes of the style before its name.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from benchmarks import script
from benchmarks.field import composing, impsy_tunes, page, picture
from benchmarks.field.figures import measured
from benchmarks.field.sets import (
    ENSEMBLES,
    SHIPPED,
    VOICES,
    Compared,
    Part,
    compared_parts,
    melody_set,
    part_set,
)
from benchmarks.music.corpora import as_played
from benchmarks.music.real.neutral import Neutral
from benchmarks.music.real.related import with_families
from benchmarks.record import RESULTS, publish
from stream.compose.tunes.tune import Melody
from stream.errors import SettingsError
from stream.voices.spec import find_voice, read_spec

NAME = "field"
SEED = 1
PARTS = {**VOICES, **ENSEMBLES}
"""Music in several parts that is composed, by name."""
Visitors = Mapping[str, Mapping[str, Sequence[Neutral]]]
"""Tunes of other programs by style and name."""


def visitors(python: Path | None, models: Sequence[str], minutes: float) -> Visitors:
    """Return what models of IMPSY play. Raises `SettingsError` for a model of another form."""
    found: dict[str, dict[str, Sequence[Neutral]]] = {}
    for model in models:
        label, equals, path = model.partition("=")
        style, colon, name = label.partition(":")
        if not (equals and colon and name) or python is None:
            raise SettingsError(
                f"--impsy-model {model}: must be STYLE:NAME=FILE, beside --impsy PYTHON"
            )
        tunes = impsy_tunes.played(python, Path(path), minutes, SEED)
        found.setdefault(style, {})[f"IMPSY, {name}"] = tunes
    return found


def melodies(
    pool: Executor, corpora: Sequence[Melody], visiting: Visitors, minutes: float, most: int
) -> list[Compared]:
    """Return the set of each style of melodies."""
    styles = list(dict.fromkeys(m.style for m in corpora))
    composed = {
        style: pool.submit(composing.leads, SHIPPED, style, minutes, SEED) for style in styles
    }
    return [
        melody_set(
            with_families([m for m in corpora if m.style == style]),
            composed[style].result(), visiting.get(style, {}), most,
        )
        for style in styles
    ]  # fmt: skip


def parts(
    pool: Executor, plans: Mapping[str, Part], corpora: Path, minutes: float, most: int
) -> list[Compared]:
    """Return the set of each voice of several parts, and of each ensemble."""
    waiting = [pool.submit(part_set, name, plan, minutes, SEED) for name, plan in plans.items()]
    done = (each.result() for each in waiting)
    return [compared_parts(name, plans[name], found, corpora, most) for name, found in done]


def main() -> int:
    """Compose, measure, publish."""
    made = script.corpus_parser(NAME, __doc__)
    made.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    made.add_argument("--smg-eval", type=Path, metavar="PROGRAM", help="of smg-metrics")
    made.add_argument("--impsy", type=Path, metavar="PYTHON", help="Python that has IMPSY")
    made.add_argument(
        "--impsy-model", action="append", default=[], metavar="STYLE:NAME=FILE",
        help="model of IMPSY, and the real tunes that it is set beside; may be repeated",
    )  # fmt: skip
    made.add_argument(
        "--parts",
        default=",".join(PARTS),
        help="voices of several parts and ensembles, with commas",
    )
    counts = [
        ("minutes", 60, "minutes of each voice and ensemble"),
        ("excerpts", 100, "most excerpts of a system"),
        ("seeds", 3, "divisions into folds"),
        ("jobs", 1, "processes that compose"),
    ]
    script.add_counts(made, counts)
    args = made.parse_args()

    def measure() -> None:
        script.require_positive(args, "minutes", "excerpts", "seeds", "jobs")
        plans = dict(
            script.chosen(args.parts, {name: (name, plan) for name, plan in PARTS.items()})
        )
        corpora = as_played(args.corpus, read_spec(find_voice(SHIPPED)))
        visiting = visitors(args.impsy, args.impsy_model, args.minutes)
        with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
            sets = melodies(pool, corpora, visiting, args.minutes, args.excerpts)
            sets += parts(pool, plans, args.corpora, args.minutes, args.excerpts)
            found = pool.map(measured, sets, repeat(args.smg_eval), repeat(args.seeds))
            rows = [row for each in found for row in each]
        picture.draw(rows, RESULTS / f"{NAME}.png")
        publish(NAME, rows, page=page.text(rows, script.command(NAME)))

    return script.run(measure)


if __name__ == "__main__":
    sys.exit(main())
