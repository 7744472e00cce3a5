"""The page of the poster's LSTM without regularization, made from its records alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.melody.systems import LOSS, RIGHT, SYSTEMS
from benchmarks.record import RESULTS, Record, all_figures, markdown, read

POSTER = {key: value for key, value in SYSTEMS["lstm"].poster.items() if "free" not in key}
"""The poster's figures of its LSTM by measure and split."""
INTRODUCTION = """# The poster's LSTM without regularization

The LSTM of [the melody page](melody.md) is regularized: its training loss is 0.978, the poster's
.7460. Here is the same net without dropout, weight decay and averaged weights, after every few
epochs of one training, on {songs} (the poster has 762), chosen at random. Each corpus is
split 70/30, variants of a tune on one side. Every eighth window is measured; nets a corpus:
{seeds}. Like those of the melody page, they learn in sequence form: `--form window`, which is
literally the poster's, takes 32 times as long and was not run."""
SINGLE = "Nor were other corpora run."
SECTION = """Without dropout, weight decay and averaged weights the same LSTM learns as follows
([more](regime.md)):"""
VERDICT = """On {where} the poster's training loss is passed after {epoch} epochs. Ours is then
right in one step for {right} of the test segments, for the poster's .588. The highest test accuracy
of any reading is {best}."""


def text(records: Sequence[Record], call: str) -> str:
    """Return the page in Markdown."""
    introduction = INTRODUCTION if len(_corpora(records)) > 1 else f"{INTRODUCTION} {SINGLE}"
    parts = [
        introduction.format(songs=" and on ".join(_corpora(records)), seeds=records[0].n),
        table(records), *verdicts(records), *all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def section(folder: Path = RESULTS) -> list[str]:
    """Return paragraphs for the melody page; none if nothing was measured."""
    if not (folder / "regime.json").exists():
        return []
    documents: list[dict[str, Any]] = read("regime", folder)
    records = [Record(**each) for each in documents]
    return [SECTION, table(records), *verdicts(records)]


def _corpora(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(r.set.rpartition(", ")[0] for r in records))


def _cells(records: Sequence[Record]) -> dict[tuple[str, int], dict[str, Record]]:
    """Return the records of each corpus and epoch by measure and split."""
    found: dict[tuple[str, int], dict[str, Record]] = {}
    for r in records:
        where, _, split = r.set.rpartition(", ")
        epoch = int(r.system.split(", ")[-1].split()[0])
        found.setdefault((where, epoch), {})[f"{r.measure}/{split}"] = r
    return found


def table(records: Sequence[Record]) -> str:
    """Return the readings of each corpus, one row for each."""
    keys = [f"{m}/{s}" for s in ("train", "test") for m in (LOSS, RIGHT)]
    rows = [
        (where, str(epoch), *(_figure(cells[key]) for key in keys))
        for (where, epoch), cells in _cells(records).items()
    ]
    rows.append(("the poster: 762 songs", "50", *(POSTER.get(key, "-") for key in keys)))
    head = ("corpus", "epochs", "log-loss, train", "one step, train", "log-loss, test",
            "one step, test")  # fmt: skip
    return markdown(head, rows)


def verdicts(records: Sequence[Record]) -> list[str]:
    """Return what the nets of each corpus have where their training loss passes the poster's."""
    bound = float(POSTER[f"{LOSS}/train"])
    found = []
    for corpus in _corpora(records):
        readings = {e: each for (where, e), each in _cells(records).items() if where == corpus}
        passed = [e for e, each in readings.items() if each[f"{LOSS}/train"].value <= bound]
        best = max(each[f"{RIGHT}/test"].value for each in readings.values())
        if passed:
            right = readings[passed[0]][f"{RIGHT}/test"].value
            words = {"epoch": passed[0], "where": corpus, "right": f"{right:.3f}"}
            found.append(VERDICT.format(best=f"{best:.3f}", **words))
        else:
            found.append(
                f"The poster's training loss is not reached on {corpus}; "
                f"the highest test accuracy is {best:.3f}."
            )
    return found


def _figure(r: Record) -> str:
    return f"{r.value:.3f}" + (f" ± {r.sd:.3f}" if r.sd is not None else "")
