"""What it is worth to split by tune, so that variants of one tune are on both sides.

Asked of PPM, which repeats what it has seen better than any net here: to them it is worth less.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.melody.parts import Figures
from benchmarks.melody.systems import PPM, RIGHT, SHARE
from export.papers.melody_lstm.measures import Metrics, Model, one_step, pooled
from export.papers.melody_lstm.ngrams import ppm_of
from export.papers.melody_lstm.segments import TEST, Lead, windows
from stream.errors import SettingsError

SPLIT, STRANGERS = "by tune", "by tune, without variants"


def by_tune(leads: Sequence[Lead], seed: int) -> Figures:
    """One step over all test tunes of a split drawn by `seed`, and over those without variants."""
    order = np.random.default_rng(seed).permutation(len(leads))
    cut = len(leads) * (10 - TEST) // 10
    learnt, asked = ([leads[i] for i in part] for part in (order[:cut], order[cut:]))
    model, groups = ppm_of([lead.pitch for lead in learnt], PPM), {lead.group for lead in learnt}
    kin = _told(model, [lead for lead in asked if lead.group in groups])
    others = _told(model, [lead for lead in asked if lead.group not in groups])
    if not others:
        raise SettingsError("--systems by-tune: has no test tune without variants to ask for")
    every = pooled(kin + others)
    return {
        f"{RIGHT}/{SPLIT}": every.one_step_accuracy,
        f"{RIGHT}/{STRANGERS}": pooled(others).one_step_accuracy,
        f"{SHARE}/{SPLIT}": sum(part.count for part in kin) / every.count,
    }


def _told(model: Model, leads: Sequence[Lead]) -> list[Metrics]:
    contexts, came = windows([lead.pitch for lead in leads])
    return [one_step(model, contexts, came)] if len(came) else []
