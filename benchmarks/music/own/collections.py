"""Collections of tunes that the voice was not trained on, in halves, for own styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.music.own.unseen import nottingham, pop909
from export.corpus.dataset import split_of
from stream.compose.tunes.tune import Melody
from stream.voices.spec import VoiceSpec

DANCES = {"jigs": "jig", "reels": "reel", "waltzes": "waltz"}


@dataclass(frozen=True, slots=True)
class Collection:
    """Tunes of one sort, in halves."""

    name: str
    learning: list[Melody]
    """Tunes as they are played."""
    testing: list[Melody]


def halves(name: str, melodies: Sequence[Melody], known: Sequence[str]) -> Collection:
    """Return a collection in halves, at random; variants of a tune stay together."""
    fitting = [m for m in melodies if f"bar:{m.bar}" in known]
    # Not the halves on which the number of generations was chosen, of seeds 1 and 2.
    groups = np.random.default_rng(11).permutation(np.unique([m.group for m in fitting]))
    first = set(groups[: len(groups) // 2].tolist())
    order = np.random.default_rng(12).permutation(len(fitting))
    mixed = [fitting[i] for i in order]
    return Collection(
        name, [m for m in mixed if m.group in first], [m for m in mixed if m.group not in first]
    )


def collections(
    spec: VoiceSpec, every: Sequence[Melody], nottingham_path: Path, pop909_path: Path
) -> list[Collection]:
    """Return all collections; `every` is the tunes of the voice's corpora."""
    held = [m for m in every if split_of(m) == "valid"]
    sorts = {name: [m for m in held if m.kind == kind] for name, kind in DANCES.items()}
    sorts["hymns"] = [m for m in held if m.style == "hymn"]
    sorts["chorales"] = [m for m in held if m.style == "bach"]
    found = nottingham(nottingham_path)
    sorts["Nottingham, 6/8"] = [m for m in found if m.meter == "6/8"]
    sorts["Nottingham, 4/4"] = [m for m in found if m.meter == "4/4"]
    sorts["POP909"] = pop909(pop909_path)
    return [halves(name, melodies, spec.tags) for name, melodies in sorts.items()]
