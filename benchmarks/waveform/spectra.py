"""Mean spectra of the expectation one block ahead, for the first seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.waveform.runs import block_model, partial_model, tested
from benchmarks.waveform.systems import OURS, REAL, STYLES, SYSTEMS, TITLES, Study
from export.wave import measures
from export.wave.blocks import Floats
from export.wave.generate import blocks_ahead, partials_ahead
from export.wave.partials import Grid

Spectra = dict[str, dict[str, NDArray[np.float64]]]


def means(study: Study) -> Spectra:
    """Return mean magnitudes over the dev pieces by style and system."""
    return {style: _of(study, style) for style in STYLES}


def _of(study: Study, style: str) -> dict[str, NDArray[np.float64]]:
    pieces = tested(study, style).dev
    found = {REAL: _mean([p.samples[None] for p in pieces])}
    hop = 0
    for name in ("lstm", "gru"):
        model, _ = block_model(study, SYSTEMS[name], style, 1)
        hop = model.config.hop
        found[TITLES[name]] = _mean([blocks_ahead(model, p.samples)[:, :hop] for p in pieces])
    own, _ = partial_model(study, 1)
    number, grid = own.config.styles.index(style), Grid()
    found[TITLES[OURS]] = _mean([partials_ahead(own, number, p.samples, grid, hop) for p in pieces])
    return found


def _mean(made: list[Floats]) -> NDArray[np.float64]:
    return np.asarray(np.mean([measures.mean_spectrum(each) for each in made], axis=0))
