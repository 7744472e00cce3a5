"""Copying of composed and of held-out tunes, as records side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.music.copying import GRAMS, shared
from benchmarks.music.real.related import strangers
from benchmarks.music.tunes import Tune
from benchmarks.record import Record
from export.corpus.dataset import split_of
from export.melody.copies import notes
from stream.compose.tunes.tune import Melody


def copies(name: str, melodies: Sequence[Melody], tunes: Sequence[Tune]) -> list[Record]:
    """Return the runs that composed and held-out tunes share with the training tunes."""
    train = [m for m in melodies if split_of(m) == "train"]
    held = [m for m in melodies if split_of(m) != "train"]
    made = shared([tune.melody for tune in tunes], list(map(notes, train)))
    real = shared(list(map(notes, held)), list(map(notes, strangers(train, held))))
    measures: dict[str, Callable[..., float]] = {
        f"share of runs of {g} that training tunes hold": lambda s, g=g: s.share(g) for g in GRAMS
    }
    measures["longest run shared with training tunes, mean"] = lambda s: s.longest.mean()
    measures["longest run shared with training tunes, percentile 99"] = lambda s: np.percentile(
        s.longest, 99
    )
    records = []
    for measure, of in measures.items():
        bound, value = float(of(real)), float(of(made))
        verdict = f"at most {bound:.3g} ({'met' if value <= bound else 'missed'})"
        records += [
            Record("composed", name, measure, "", value, None, len(tunes), verdict),
            Record("real, held out", name, measure, "", bound, None, len(held)),
        ]
    return records
