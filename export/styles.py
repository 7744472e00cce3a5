"""What a corpus says about each style: latent points, metres, modes, and the filter's bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from export.corpus.dataset import tag_vector
from export.corpus.tune import Melody
from export.models.melody import BARS, MelodyModel
from stream.compose.entropy import SERIES, entropies
from stream.compose.vocabulary import REST, TWELFTHS, decode_pitch
from stream.errors import CorpusError
from stream.voice import StyleSpec

LENGTHS = np.array(TWELFTHS)
PHRASE_BARS = 4
BOUNDS = (5, 95)
"""Percentiles of real phrases between which the filter accepts."""
COMMON = "8x24"
"""Four quarters, played in eighths."""
RARE = 0.03
"""Metres of a smaller share of a style's tunes are not played."""


def describe(
    model: MelodyModel, melodies: Sequence[Melody], length: int = 64
) -> dict[str, StyleSpec]:
    """A `StyleSpec` for each style the model knows, from the given melodies.

    Raises `CorpusError` for a style without melodies.
    """
    specs = {}
    for style in model.config.styles:
        own = [m for m in melodies if m.style == style]
        if not own:
            raise CorpusError(f"style {style}: no melody of it to train on; give its --corpus")
        points = latent_points(model, own, length)
        specs[style] = StyleSpec(
            mean=_rounded(points.mean(0)),
            spread=_rounded(points.std(0)),
            metres=metres(own),
            modes=_shares(m.mode for m in own if m.mode) or {"major": 1.0},
            bounds=bounds(own),
        )
    return specs


@torch.no_grad()
def latent_points(
    model: MelodyModel, melodies: Sequence[Melody], length: int
) -> NDArray[np.float64]:
    """[n, Z]: one draw from the posterior of the first segment of each melody."""
    model.eval()
    torch.manual_seed(0)
    points = []
    for melody in melodies:
        tokens = torch.from_numpy(melody.tokens[:length].astype(np.int64))[:, None]
        tags = torch.from_numpy(tag_vector(melody, model.config.styles))[None]
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool)
        mean, log_variance = model.posterior(tokens, mask, tags)
        points.append(mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance))
    return np.asarray(torch.cat(points).double().numpy())


def metres(melodies: Sequence[Melody]) -> dict[str, float]:
    """Share of each metre, as `8x24`: bars of a known number of units of whole ticks.

    Where no tune tells its metre they are taken to be in `COMMON`.
    """
    names = [f"{m.bar}x{m.unit}" for m in melodies if m.bar in BARS and m.unit % 12 == 0]
    shares = _shares(names)
    return {name: share for name, share in shares.items() if share >= RARE} or {COMMON: 1.0}


def bounds(melodies: Sequence[Melody]) -> dict[str, tuple[float, float]]:
    """For each entropy the percentiles `BOUNDS` over the real phrases of four bars.

    Where there is none, for want of bar lines or because all tunes are short, over the tunes.
    """
    whole = [p for m in melodies for p in phrases(m)] or [m.tokens for m in melodies]
    pitches, lengths = [], []
    for phrase in whole:
        notes = phrase[phrase[:, 0] != REST]
        if len(notes) > 1:
            pitches.append(np.array([decode_pitch(a, b) for a, b, _ in notes.tolist()]))
            lengths.append(LENGTHS[notes[:, 2]])
    bits = entropies(pitches, lengths)
    low, high = np.percentile(bits, BOUNDS, axis=0)
    return {
        name: (round(float(a), 3), round(float(b), 3))
        for name, a, b in zip(SERIES, low, high, strict=True)
    }


def phrases(melody: Melody, bars: int = PHRASE_BARS) -> list[NDArray[np.uint8]]:
    """The melody's whole phrases, events that start within the same `bars` bars."""
    if not melody.bar:
        return []
    onset = np.concatenate([[0], np.cumsum(LENGTHS[melody.tokens[:, 2]])[:-1]])
    number = onset // (12 * melody.bar * bars)
    return [melody.tokens[number == i] for i in range(int(number[-1]))]


def _shares(names: Iterable[str]) -> dict[str, float]:
    counts = Counter(names)
    total = sum(counts.values())
    return {name: round(n / total, 4) for name, n in counts.most_common()}


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in values)
