"""Mean spectra one block ahead, as in the paper's figure 3, and the error against the width."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

LOOKS = {
    "real pieces": ("#000000", "-"), "LSTM": ("#0072B2", "-"), "GRU, equal width": ("#D55E00", "-"),
    "partials and noise (ours)": ("#009E73", "-"), "GRU": ("#D55E00", "-"),
}  # fmt: skip
"""Colours told apart by colour-blind eyes (Okabe & Ito 2008)."""


def draw(
    spectra: Mapping[str, Mapping[str, NDArray[np.float64]]],
    curve: Mapping[str, Mapping[int, float]],
    path: Path,
    rate: int,
) -> None:
    """`spectra`: mean magnitudes by style and system; `curve`: dev MSE by cell and width."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    count = len(spectra) + 1
    drawing, axes = plt.subplots(1, count, figsize=(4.6 * count, 4.2), layout="constrained")
    for axis, (style, systems) in zip(axes, spectra.items(), strict=False):
        for title, mean in systems.items():
            hertz = np.linspace(0, rate / 2, len(mean))
            colour, line = LOOKS[title]
            axis.plot(
                hertz,
                20 * np.log10(np.maximum(mean, 1e-5)),
                line,
                color=colour,
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
        axis.grid(color="#eef0f3")
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8)
    drawing.savefig(path, dpi=120)
    plt.close(drawing)
