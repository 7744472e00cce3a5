"""The tunes of one style that are told from each other: held out, composed, and controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.music.real.melody_controls import MarkovChain, looped, shuffled
from benchmarks.music.real.neutral import Neutral, of_melodies, of_tune
from benchmarks.music.real.related import strangers
from benchmarks.music.real.surprise import Chains, chains_of
from benchmarks.music.tunes import Tune
from export.corpus.dataset import split_of
from stream.compose.tunes.tune import Melody

COMPOSED = -1_000_000
"""Group of the first composed tune; the next ones are lower. No real tune has them."""


@dataclass(frozen=True, slots=True)
class Style:
    """All tunes of a style."""

    name: str
    held: list[Neutral]
    train: list[Neutral]
    """The half of the training tunes that no chain learnt."""
    composed: list[Neutral]
    chains: Chains
    markov: list[Neutral]

    def others(self) -> dict[str, list[Neutral]]:
        """Return every set of tunes that is told from the held-out ones, by name."""
        rng = np.random.default_rng(0)
        loops = [looped(tune, rng) for tune in self.held]
        return {
            "composed": self.composed,
            "real, training tunes": self.train,
            "bars shuffled": [shuffled(tune, rng) for tune in self.held],
            "two bars looped": [tune for tune in loops if tune is not None],
            "chain of order 3": self.markov,
        }


def style_of(name: str, melodies: Sequence[Melody], composed: Sequence[Tune], size: int) -> Style:
    """Return a style's tunes with its chains."""
    held = [m for m in melodies if split_of(m) != "train"]
    train = strangers([m for m in melodies if split_of(m) == "train"], held)
    names = np.random.default_rng(0).permutation(np.unique([m.group for m in train]))
    learnt = set(names[::2].tolist())
    known = of_melodies(m for m in train if m.group in learnt)
    chain, rng = MarkovChain(known), np.random.default_rng(1)
    return Style(
        name,
        of_melodies(held),
        of_melodies(m for m in train if m.group not in learnt),
        [of_tune(tune, COMPOSED - i) for i, tune in enumerate(composed)],
        chains_of(known),
        [chain.tune(i, rng) for i in range(size)],
    )
