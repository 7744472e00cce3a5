"""Mean spectra one block ahead, as in the paper's figure 3, and the error against the width."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.support.colors import BLACK, BLUE, GREEN, GRID, VERMILION

LOOKS = {
    "real pieces": (BLACK, "-"), "LSTM": (BLUE, "-"), "GRU, equal width": (VERMILION, "-"),
    "partials and noise (ours)": (GREEN, "-"), "GRU": (VERMILION, "-"),
}  # fmt: skip
"""Color and line of each system."""


def draw(
    spectra: Mapping[str, Mapping[str, NDArray[np.float64]]],
    curve: Mapping[str, Mapping[int, float]],
    path: Path,
    rate: int,
) -> None:
    """Draw mean magnitudes by style and system (`spectra`), and dev MSE by cell and width."""
    count = len(spectra) + 1
    drawing = Figure(figsize=(4.6 * count, 4.2), layout="constrained")
    axes = drawing.subplots(1, count)
    for axis, (style, systems) in zip(axes, spectra.items(), strict=False):
        for title, mean in systems.items():
            hertz = np.linspace(0, rate / 2, len(mean))
            color, line = LOOKS[title]
            axis.plot(
                hertz,
                20 * np.log10(np.maximum(mean, 1e-5)),
                line,
                color=color,
                lw=1.2,
                label=title,
            )
        axis.set_title(style, fontsize=11)
        axis.set_xlabel("Hz")
        axis.set_ylabel("mean magnitude, dB of full scale")
    for cell, points in curve.items():
        axes[-1].plot(list(points), list(points.values()), "o-", color=LOOKS[cell][0], label=cell)
    axes[-1].set_xscale("log", base=2)
    axes[-1].set_title("electronic: error against width", fontsize=11)
    axes[-1].set_xlabel("hidden units")
    axes[-1].set_ylabel("dev MSE, standardised")
    for axis in axes:
        axis.grid(color=GRID)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8)
    drawing.savefig(path, dpi=120)
