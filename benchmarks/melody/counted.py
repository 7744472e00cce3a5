"""Figures of the systems that are counted, not trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.melody.parts import Figures, Part
from benchmarks.melody.systems import PPM, SMOOTHING, WITTEN_BELL, System
from benchmarks.melody.variants import by_tune
from export.papers.melody_lstm.chord_counts import BASELINES, targets
from export.papers.melody_lstm.measures import Model, free_run_match, metrics, one_step, pooled
from export.papers.melody_lstm.ngrams import (
    add_c,
    heads,
    number,
    ppm_of,
    product,
    short_term,
    table,
    witten_bell_of,
)
from export.papers.melody_lstm.segments import PITCHES, WINDOW, Ints


def counted(system: System, parts: Sequence[Part], seed: int) -> Figures:
    """Return all figures of a system that learns the first part, or a split drawn by `seed`."""
    if system.kind == "variants":
        return by_tune([lead for part in parts for lead in part.leads], seed)
    learned = parts[0]
    found: Figures = {}
    for part in parts:
        if system.kind == "chords":
            likely = BASELINES[system.title](learned.leads, part.leads)
            found |= part.predictions(metrics(likely, targets(part.leads)), "chord_")
        elif system.name == "ppm-tune":
            found |= _whole_tunes(learned.rows, part)
        else:
            model = _model(system.name, learned.rows)
            found |= part.predictions(one_step(model, *part.windows))
            found |= part.free_runs(lambda rng, m=model, s=part.starts: free_run_match(m, s, rng))
    return found


def _model(name: str, rows: Sequence[Ints]) -> Model:
    if name == "random":
        return lambda contexts: np.full((len(contexts), PITCHES), 1 / PITCHES)
    if name == "witten-bell":
        return witten_bell_of(rows, WITTEN_BELL)
    if name == "ppm":
        return ppm_of(rows, PPM)
    order = int(name.partition("-")[0])
    contexts, symbols = heads(rows, order)
    known = table(number(contexts, order), symbols)
    return lambda contexts: add_c(known, order, SMOOTHING, contexts)


def _whole_tunes(rows: Sequence[Ints], part: Part) -> Figures:
    """Return the figures of PPM with its short-term half, from the 33rd segment of each tune on."""
    long_term = ppm_of(rows, PPM)
    tunes = [row for row in part.rows if len(row) > WINDOW]
    return part.predictions(
        pooled(
            [
                metrics(
                    product(long_term(heads([row], PPM)[0]), short_term(row, PPM))[WINDOW:],
                    row[WINDOW:],
                )
                for row in tunes
            ]
        )
    )
