"""Cross-entropies of the models on held-out tunes and their bounds, in bits per note."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.record import Readings, Record
from benchmarks.vrash.runs import parameters
from export.melody.evaluate import Reading, read
from export.models.melody import MelodyModel
from export.papers.vrash.iwae import bounds
from stream.compose.melody.vocabulary import SIZES
from stream.compose.tunes.tune import Melody

TEST, DANCE, SAMPLE = "test", "test, dance tunes", "test, sample"
RECONSTRUCTION, ELBO, IWAE, KL = "reconstruction", "ELBO", "importance-weighted bound", "KL used"
HEADS = ("pitch class", "octave", "duration")
PARAMETERS, NOTES = "parameters", "notes"
FLOOR = {"LM": "at most 3.29", "VRASH": "at most 3.10"}
"""Goals on dance tunes: an RHN of width 256 and depth 3 after 7 epochs."""


Systems = Mapping[str, Sequence[MelodyModel]]
"""The models of each system, one a seed."""


def readings(systems: Systems, melodies: Sequence[Melody], dances: str) -> list[Record]:
    """Return the reconstruction of all melodies, and of those of the style `dances` alone."""
    own = [m for m in melodies if m.style == dances]
    rest = [m for m in melodies if m.style != dances]
    found = [
        _uniform(),
        Record("real", TEST, NOTES, "", _events(melodies)),
        Record("real", DANCE, NOTES, "", _events(own)),
    ]
    for name, models in systems.items():
        found.append(Record(name, "all", PARAMETERS, "", parameters(models[0])))
        found += _read(name, models, [own, rest])
    return found


def bounded(
    systems: Systems, melodies: Sequence[Melody], *, tunes: int, samples: int
) -> list[Record]:
    """Return reconstruction and both bounds of `tunes` of the melodies, drawn at random."""
    chosen = np.random.default_rng(0).permutation(len(melodies))[:tunes]
    sample = [melodies[i] for i in sorted(chosen)]
    found = [Record("real", SAMPLE, NOTES, "", _events(sample))]
    for name, models in systems.items():
        found += _bounded(name, models, sample, samples)
    return found


def _events(melodies: Iterable[Melody]) -> int:
    return sum(len(m.tokens) for m in melodies)


def _uniform() -> Record:
    return Record("uniform", TEST, RECONSTRUCTION, "bits/note", math.log2(math.prod(SIZES)))


def _read(
    name: str, models: Sequence[MelodyModel], parts: Sequence[Sequence[Melody]]
) -> list[Record]:
    readings = [[read(model, part) for part in parts if part] for model in models]
    whole = [_joined(r) for r in readings]
    bits = [_record(name, TEST, RECONSTRUCTION, [r.reconstruction for r in whole])]
    for i, head in enumerate(HEADS):
        bits.append(_record(name, TEST, head, [r.heads[i] for r in whole]))
    if parts[0]:
        values = [r[0].reconstruction for r in readings]
        dance = _record(name, DANCE, RECONSTRUCTION, values)
        bits.append(replace(dance, paper=FLOOR.get(name)))
    return [*bits, _record(name, TEST, KL, [r.kl for r in whole], "nats/segment")]


def _bounded(
    name: str, models: Sequence[MelodyModel], sample: Sequence[Melody], samples: int
) -> list[Record]:
    found = [bounds(model, sample, samples) for model in models]
    plain = [read(model, sample).reconstruction for model in models]
    return [
        _record(name, SAMPLE, RECONSTRUCTION, plain),
        _record(name, SAMPLE, ELBO, [b.elbo for b in found]),
        _record(name, SAMPLE, IWAE, [b.iwae for b in found]),
    ]


def _joined(readings: Sequence[Reading]) -> Reading:
    """Return the reading of several sets together, as if segments were equally long in all."""
    notes = np.array([r.notes for r in readings])
    share = notes / notes.sum()

    def mean(values: Sequence[float]) -> float:
        return float(share @ np.array(values))

    heads = tuple(mean([r.heads[i] for r in readings]) for i in range(3))
    return Reading(
        mean([r.reconstruction for r in readings]), mean([r.elbo for r in readings]),
        mean([r.kl for r in readings]), (heads[0], heads[1], heads[2]), int(notes.sum()),
    )  # fmt: skip


def _record(
    system: str, where: str, measure: str, values: Sequence[float], unit: str = "bits/note"
) -> Record:
    readings = Readings(tuple(values))
    return Record(system, where, measure, unit, readings.mean, readings.sd, len(values))
