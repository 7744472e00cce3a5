"""The picture: how well trees tell each system from real music, by both kinds of features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.field.figures import HALVES, OWN, TOLD, ordered
from benchmarks.field.sets import CONTROLS, OTHER_REAL
from benchmarks.record import Record
from benchmarks.support import colors

MEASURES = {OWN: "o", TOLD: "D"}
"""Measures with their marks."""
STEP, GAP = 1.0, 0.8
MELODIES = "notes"
"""Word with which the name of a set of melodies ends."""


def draw(records: Sequence[Record], path: Path) -> None:
    """Draw a panel for melodies and one for music in parts."""
    names = list(dict.fromkeys(r.set for r in records))
    panels = (
        [n for n in names if n.endswith(MELODIES)],
        [n for n in names if not n.endswith(MELODIES)],
    )
    heights = [_rows(records, sets) for sets in panels]
    figure = Figure(figsize=(11, 1.6 + 0.21 * max(heights)), layout="constrained")
    axes = figure.subplots(1, 2, squeeze=False)[0]
    for axis, sets, title in zip(axes, panels, ("melodies", "music in parts"), strict=True):
        _panel(axis, [r for r in records if r.set in sets], sets)
        axis.set_title(title, fontsize=11)
    figure.suptitle(
        "How well trees tell excerpts from held-out real music: 0.5 not at all, 1 always",
        fontsize=11,
    )
    figure.savefig(path, dpi=130)


def _rows(records: Sequence[Record], sets: Sequence[str]) -> int:
    return sum(len({r.system for r in records if r.set == s and r.measure == OWN}) + 2
               for s in sets)  # fmt: skip


def _panel(axis: Axes, records: Sequence[Record], sets: Sequence[str]) -> None:
    y, places, labels = 0.0, [], []
    for name in sets:
        own = [r for r in records if r.set == name]
        axis.text(0.02, y, name, fontsize=8, weight="bold", va="center")
        y += STEP
        for system in ordered(list(dict.fromkeys(r.system for r in own if r.measure == OWN))):
            for measure, mark in MEASURES.items():
                for r in own:
                    if (r.system, r.measure) == (system, measure):
                        axis.errorbar(r.value, y, xerr=r.sd or 0, fmt=mark, ms=5, lw=1,
                                      color=_color(system), mfc=_fill(measure, system))  # fmt: skip
            places.append(y)
            labels.append(system)
            y += STEP
        y += GAP
    axis.axvline(0.5, color=colors.GRAY, lw=1, ls=":")
    axis.set_yticks(places, labels, fontsize=8)
    axis.set_ylim(y, -STEP)
    axis.set_xlim(0, 1.03)
    axis.grid(axis="x", color=colors.GRID)
    axis.set_axisbelow(True)
    axis.set_xlabel("area under the curve; filled: realism test, hollow: smg-metrics", fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)


def _color(system: str) -> str:
    if system in {HALVES, OTHER_REAL}:
        return colors.GREEN
    if system in CONTROLS:
        return colors.VERMILION
    return colors.PURPLE if system.startswith("IMPSY") else colors.BLUE


def _fill(measure: str, system: str) -> str:
    return _color(system) if measure == OWN else "white"
