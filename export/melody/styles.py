"""Styles of a corpus: latent points, meters, modes, and the filter's bounds."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from export.corpus.dataset import tag_vector
from export.filter import excerpts, thresholds
from export.filter.corruptions import SEEN
from export.melody import corpora
from export.melody.forms import forms, last_note, returning
from export.models.melody import MelodyModel
from export.models.melody_config import BARS
from stream.compose.melody.outline import line, parsed
from stream.compose.tune_plan import packed
from stream.compose.tunes.formulas import formulas
from stream.compose.tunes.outlines import playable
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError
from stream.voices.spec import StyleSpec

EXCERPTS = 600
"""Real excerpts of a style that its thresholds are fitted to."""
CORRUPTIONS = 3
"""Corrupted excerpts made of each real one."""
POINTS = 120
"""Latent points of real tunes that a style keeps."""
OUTLINES = 320
"""Outlines of real tunes that a style keeps, each with its latent point."""
MEMORIZED = 1000
"""Tunes of a style below which a model knows them by heart: a tune's own outline and point would
give the tune back, so that outlines have the points of other tunes."""
COMMON = "8x24"
"""Four quarters, played in eighths."""
RARE = 0.03
"""Meters of a smaller share of a style's tunes are not played."""


def describe(
    model: MelodyModel, melodies: Sequence[Melody], length: int = 64
) -> dict[str, StyleSpec]:
    """Return a `StyleSpec` for each style the model knows, from the given melodies as played.

    Raises `CorpusError` for a style without melodies.
    """
    specs, found = {}, {}
    for style in model.config.styles:
        own = [m for m in melodies if m.style == style]
        if not own:
            raise CorpusError(f"style {style}: no melody of it to train on; give its --corpus")
        learned = corpora.as_learned(own, model.config)
        points = latent_points(model, learned, length)
        kept = _evenly(len(points))
        lines: tuple[str, ...] = ()
        if model.config.context:
            kept, lines = _outlines(learned)
            if len(own) < MEMORIZED:
                kept = kept[_others(lines)]
        found[style] = bounds(own)
        specs[style] = StyleSpec(
            mean=_rounded(points.mean(0)),
            spread=_rounded(points.std(0)),
            points=packed(points[kept]),
            outlines=lines,
            meters=meters(own),
            modes=_shares(m.mode for m in own if m.mode) or {"major": 1.0},
            bounds={},
            forms=forms(own),
            returning=returning(own),
            last_note=last_note(own),
            formulas=formulas(learned) if model.config.context else "",
        )
    return {
        style: dataclasses.replace(specs[style], bounds=limits)
        for style, limits in thresholds.aligned(found).items()
    }


def _outlines(melodies: Sequence[Melody]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the indices of tunes that can be played, evenly spread, and their outlines."""
    found = [
        (i, outline)
        for i, melody in enumerate(melodies)
        if melody.outline is not None and (outline := playable(melody.outline)) is not None
    ]
    if not found:
        raise CorpusError(f"style {melodies[0].style}: no tune has bars and a form; add tunes")
    kept = [found[i] for i in _evenly(len(found), OUTLINES)]
    return np.array([i for i, _ in kept]), tuple(line(outline) for _, outline in kept)


def _others(lines: Sequence[str]) -> NDArray[np.int64]:
    """Return, for each outline, the index [n] of the next one of the same bar and mode.

    The first follows the last; an outline that is alone of its sort has its own index.
    """
    sorts: dict[tuple[int, str], list[int]] = {}
    for i, outline in enumerate(map(parsed, lines)):
        sorts.setdefault((outline.bar, outline.mode), []).append(i)
    found = np.zeros(len(lines), np.int64)
    for alike in sorts.values():
        found[alike] = np.roll(alike, -1)
    return found


@torch.no_grad()
def latent_points(
    model: MelodyModel, melodies: Sequence[Melody], length: int
) -> NDArray[np.float64]:
    """Return one draw from the posterior of the first segment of each melody, [n, Z]."""
    model.eval()
    torch.manual_seed(0)
    points = []
    for melody in melodies:
        tokens = torch.from_numpy(melody.tokens[:length].astype(np.int64))[:, None]
        config = model.config
        tags = torch.from_numpy(tag_vector(melody, config.styles, config.kinds))[None]
        mask = torch.ones(tokens.shape[:2], dtype=torch.bool)
        mean, log_variance = model.posterior(tokens, mask, tags)
        points.append(mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance))
    return np.asarray(torch.cat(points).double().numpy())


def meters(melodies: Sequence[Melody]) -> dict[str, float]:
    """Return the share of each meter, as `8x24`: bars of a known number of units of whole ticks.

    Without a tune of known meter they are taken to be in `COMMON`.
    """
    names = [f"{m.bar}x{m.unit}" for m in melodies if m.bar in BARS and m.unit % 12 == 0]
    shares = _shares(names)
    return {name: share for name, share in shares.items() if share >= RARE} or {COMMON: 1.0}


def bounds(melodies: Sequence[Melody]) -> dict[str, tuple[float, float]]:
    """Return the filter's strict thresholds, which separate real excerpts from corrupted ones."""
    return thresholds.strict(*examples(melodies))


def examples(melodies: Sequence[Melody]) -> tuple[thresholds.Labeled, thresholds.Labeled]:
    """Return real and corrupted excerpts to fit thresholds to, and others to validate them.

    A quarter of the tunes, with all their variants, are the others.
    """
    rng = np.random.default_rng(0)
    some = [melodies[i] for i in rng.permutation(len(melodies))[:EXCERPTS]]
    each = min(-(-EXCERPTS // max(len(some), 1)), excerpts.PHRASES)
    real = excerpts.cut(some, each, rng)
    found = real + excerpts.corruptions(real, CORRUPTIONS, rng, SEEN)
    labeled = thresholds.Labeled(excerpts.table(found), np.array([e.good for e in found]))
    groups = np.array([e.group for e in found])
    valid = np.isin(groups, rng.permutation(np.unique(groups))[::4])
    return labeled.part(~valid), labeled.part(valid)


def _shares(names: Iterable[str]) -> dict[str, float]:
    counts = Counter(names)
    total = sum(counts.values())
    return {name: round(n / total, 4) for name, n in counts.most_common()}


def _evenly(count: int, most: int = POINTS) -> NDArray[np.int64]:
    """Return at most so many numbers below `count`, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(v), 4) for v in values)
