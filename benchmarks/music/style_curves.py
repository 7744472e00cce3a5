"""The probability of a style along a blend or a walk, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from benchmarks.music.style_features import Floats

WALK = 16
"""Phrases from one style to the next."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The probability of the second of two styles, step by step."""

    first: str
    second: str
    means: Floats
    errors: Floats
    """Standard error of each mean."""

    @property
    def rank(self) -> float:
        """Return Spearman's correlation of step and mean."""
        return float(spearmanr(range(len(self.means)), self.means).statistic)


def draw(blends: Sequence[Curve], walked: Curve, path: Path) -> None:
    """Draw a panel for each pair of styles, and the walk below."""
    figure = Figure(figsize=(10, 8), layout="constrained")
    grid = figure.add_gridspec(3, 3)
    for i, found in enumerate(blends):
        axis = figure.add_subplot(grid[i // 3, i % 3])
        _line(axis, np.linspace(0, 1, len(found.means)), found)
        axis.set_title(f"{found.first} to {found.second}: Spearman {found.rank:.2f}", fontsize=10)
        axis.set_xlabel(f"weight of {found.second}", fontsize=9)
        axis.set_ylabel(f"probability of {found.second}", fontsize=9)
    axis = figure.add_subplot(grid[2, :])
    _line(axis, np.arange(len(walked.means)), walked)
    axis.axvline(WALK, color="#94a3b8", lw=1, ls=":")
    axis.set_title(f"a walk from {walked.first} to {walked.second} and back", fontsize=10)
    axis.set_xlabel("phrase of the stream", fontsize=9)
    axis.set_ylabel(f"probability of {walked.second}", fontsize=9)
    figure.suptitle("What the classifier hears: mean and twice its standard error", fontsize=11)
    figure.savefig(path, dpi=130)


def _line(axis: Axes, x: Floats, found: Curve) -> None:
    low, high = found.means - 2 * found.errors, found.means + 2 * found.errors
    axis.fill_between(x, low.clip(0, 1), high.clip(0, 1), color="#cfd8e3", lw=0)
    axis.plot(x, found.means, color="#3b82c4", marker="o", ms=3)
    axis.set_ylim(-0.03, 1.03)
    axis.spines[["top", "right"]].set_visible(False)
