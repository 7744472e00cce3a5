"""The effect of a split by tune, which has variants of one tune on both sides.

It is measured with PPM, which repeats known music better than any net here: for the nets the effect
is smaller.
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
    """Return one step over all test tunes of a split drawn by `seed`, and without variants."""
    order = np.random.default_rng(seed).permutation(len(leads))
    cut = len(leads) * (10 - TEST) // 10
    learned, asked = ([leads[i] for i in part] for part in (order[:cut], order[cut:]))
    model, groups = ppm_of([lead.pitch for lead in learned], PPM), {lead.group for lead in learned}
    kin = _told(model, [lead for lead in asked if lead.group in groups])
    others = _told(model, [lead for lead in asked if lead.group not in groups])
    if not others:
        raise SettingsError(
            "--systems by-tune: no test tune is without variants in the training set"
        )
    every = pooled(kin + others)
    return {
        f"{RIGHT}/{SPLIT}": every.one_step_accuracy,
        f"{RIGHT}/{STRANGERS}": pooled(others).one_step_accuracy,
        f"{SHARE}/{SPLIT}": sum(part.count for part in kin) / every.count,
    }


def _told(model: Model, leads: Sequence[Lead]) -> list[Metrics]:
    contexts, came = windows([lead.pitch for lead in leads])
    return [one_step(model, contexts, came)] if len(came) else []
