"""The parts of the page of the filter, each of which may be measured anew by itself."""

from __future__ import annotations

from pathlib import Path

from benchmarks import record
from benchmarks.record import Record
from export.filter.corruptions import UNSEEN
from stream.errors import SettingsError

CLASSIFIERS, LISTENERS, PRECISION, STREAM = "classifiers", "listeners", "precision", "stream"
PARTS = (CLASSIFIERS, LISTENERS, PRECISION, STREAM)
KINDS = "passes, mean over styles"
"""Measure of the kinds of excerpts, the voice's own among them."""
BEFORE = (
    "processor time", "precision, all corruptions", f"precision, without {UNSEEN}", "recall",
)  # fmt: skip
"""Measures that the page does not have any more."""


def chosen(text: str) -> tuple[str, ...]:
    """Return the parts named in a list with commas. Raises `SettingsError` for an unknown one."""
    names = tuple(text.split(","))
    for name in names:
        if name not in PARTS:
            raise SettingsError(f"--parts {name}: must be among {', '.join(PARTS)}")
    return names


def part_of(found: Record) -> str:
    """Return the part that a record belongs to; empty for one of an earlier form of the page."""
    if "test share" in found.set:
        return CLASSIFIERS
    if "stream, K" in found.set or found.measure == KINDS:
        return STREAM
    if "clips" in found.set or "within both kinds" in found.set:
        return LISTENERS
    return "" if found.measure in BEFORE else PRECISION


def kept(name: str, measured: tuple[str, ...], folder: Path = record.RESULTS) -> list[Record]:
    """Return the stored records of the parts that are not measured, with their own commands."""
    if set(measured) == set(PARTS):
        return []
    found = [Record(**document) for document in record.read(name, folder)]
    return [each for each in found if part_of(each) in set(PARTS) - set(measured)]
