"""Tunes to compare: real ones, and for each of them one that a model plays.

A played tune has the tags (style, bar, mode) and the number of notes of its real tune, so that
every set of tunes has the same sizes. Its latent point is drawn once, as on the
stream: one of the posterior points of the style's real tunes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from export.corpus.dataset import split_of, tag_vector
from export.melody.styles import latent_points
from export.models.melody import MelodyModel
from export.papers.vrash.free_play import Tokens, play
from stream.compose.melody.sampler import decode_pitches
from stream.compose.melody.vocabulary import REST
from stream.compose.tunes.tune import Melody

SEGMENT = 64
Floats = NDArray[np.float64]


def notes(tune: Tokens) -> Tokens:
    """Return the tune without its rests."""
    return tune[tune[:, 0] != REST]


def pitches(tune: Tokens) -> NDArray[np.int64]:
    """Return the MIDI pitch of each note; rests are left out."""
    return decode_pitches(notes(tune).astype(np.int64))


def places(melodies: Sequence[Melody], style: str, most: int) -> list[Melody]:
    """Return at most `most` tunes of the style, from all splits, in random order."""
    own = [m for m in melodies if m.style == style]
    return [own[i] for i in np.random.default_rng(0).permutation(len(own))[:most]]


class Performer:
    """A model that plays tunes of one style in the places of real ones."""

    def __init__(self, model: MelodyModel, melodies: Sequence[Melody], style: str) -> None:
        own = [m for m in melodies if m.style == style and split_of(m) == "train"]
        self.model, self.points = model, latent_points(model, own, SEGMENT)

    def gaussian(self, count: int, seed: int) -> Floats:
        """Draw latent points [count, Z] from a Gaussian with mean and spread of the real ones."""
        noise = np.random.default_rng(seed).standard_normal((count, self.model.latent))
        return np.asarray(self.points.mean(0) + self.points.std(0) * noise)

    def posterior(self, count: int, seed: int) -> Floats:
        """Draw posterior points [count, Z] of real tunes, as the stream does."""
        chosen = np.random.default_rng(seed).integers(len(self.points), size=count)
        return np.asarray(self.points[chosen])

    def mean(self, count: int) -> Floats:
        """Return the mean of the style, [count, Z]."""
        return np.repeat(self.points.mean(0)[None], count, axis=0)

    def play(
        self,
        places: Sequence[Melody],
        seed: int,
        latent: Floats | None = None,
        temperature: float = 1.0,
    ) -> list[Tokens]:
        """Play a tune for each place; draw latent points as the stream does unless given."""
        points = self.posterior(len(places), seed) if latent is None else latent
        tags = np.stack([tag_vector(m, self.model.config.styles) for m in places])
        sizes = np.array([len(notes(m.tokens)) for m in places])
        return play(
            self.model, torch.from_numpy(tags), torch.from_numpy(points.astype(np.float32)), sizes,
            seed=seed, temperature=temperature,
        )  # fmt: skip


def filtered(
    performer: Performer,
    places: Sequence[Melody],
    passes: Callable[[Tokens], bool],
    *,
    seed: int,
    rounds: int,
) -> tuple[dict[int, Tokens], float]:
    """Return the first of at most `rounds` tunes for each place that passes, and the passing share.

    Places without such a tune are left out.
    """
    passed: dict[int, Tokens] = {}
    played = 0
    for attempt in range(rounds):
        open_places = [i for i in range(len(places)) if i not in passed]
        if not open_places:
            break
        tunes = performer.play([places[i] for i in open_places], seed + attempt)
        played += len(tunes)
        passed |= {i: tune for i, tune in zip(open_places, tunes, strict=True) if passes(tune)}
    return passed, len(passed) / max(played, 1)
