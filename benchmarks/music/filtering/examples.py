"""Examples for the filter: real and corrupted excerpts, the voice's own, and rated clips."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.corpus.dataset import split_of
from export.filter import excerpts
from export.filter.corruptions import KINDS
from export.filter.excerpts import Excerpt
from stream.compose.composer import Composer
from stream.compose.filter import entropy
from stream.compose.melody.score import normalized
from stream.compose.tunes.tune import Melody
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.music.midi_melodies import skyline
from stream.music.note import Controls, Note
from stream.music.stream_position import StreamPosition

TEMPERATURES = {"temperature 2": 2.0, "temperature 0.3": 0.3}
"""Far too high and far too low temperatures of the voice."""
TUNES = 150
"""Most real tunes of a style for the classifiers, one excerpt of each."""
OWN = 40
"""Tunes of the voice at each temperature for the strict thresholds."""
DRUMS = 9
LONGEST_CLIP = 256
"""Most notes of a clip; an entropy of more notes says little."""


def held_out(melodies: Sequence[Melody], style: str) -> list[Melody]:
    """Return tunes of the style outside the training set."""
    return [m for m in melodies if m.style == style and split_of(m) != "train"]


def sampled(
    composer: Composer, style: str, kind: str, tunes: int, phrases: int = 4
) -> list[Excerpt]:
    """Sample tunes of the voice at a temperature, without a filter, up to the end of a phrase."""
    controls = Controls(
        style=parse_style(style), temperature=TEMPERATURES[kind], top_p=1.0, candidates=1,
        ensemble=SOLO,
    )  # fmt: skip
    found = []
    for seed in range(tunes):
        position, parts = StreamPosition(seed, controls), []
        while len(parts) < 1 + seed % phrases:
            now = composer.context(position.request)
            # Only new music of the voice counts. One with outlines writes a strain once; with any
            # other one repeats are turned off.
            if now.repeat is None or not composer.spec.context:
                considered = composer.evaluate(dataclasses.replace(now, repeat=None))
                parts.append(considered.candidates.events(0))
            phrase = composer.compose(position.request)
            position = position.after(phrase)
            if phrase.closing:
                break
        latent = now.plan.latent.astype(np.float64)
        # No real tune has a negative group.
        begin = sum(map(len, parts[:-1]))
        found.append(Excerpt(style, -1 - seed, kind, np.concatenate(parts), begin, latent))
    return [e for e in found if len(excerpts.melody_of(e.events)[0])]


def balanced(composer: Composer, melodies: Sequence[Melody]) -> list[Excerpt]:
    """Return good and bad excerpts in nearly equal numbers, for each style of the voice."""
    rng = np.random.default_rng(0)
    found: list[Excerpt] = []
    for style in sorted(composer.spec.styles):
        own = held_out(melodies, style)
        real = excerpts.cut([own[i] for i in rng.permutation(len(own))[:TUNES]], 1, rng)
        found += real + excerpts.corruptions(real, 1, rng)
        for kind in TEMPERATURES:
            found += sampled(composer, style, kind, max(len(real) // len(KINDS), 1))
    return found


def several(
    composer: Composer, melodies: Sequence[Melody], style: str, tunes: int = OWN
) -> list[Excerpt]:
    """Return real excerpts of a style, four corruptions of each, and the voice's bad excerpts."""
    rng = np.random.default_rng(1)
    own = held_out(melodies, style)
    real = excerpts.cut([own[i] for i in rng.permutation(len(own))[:200]], 2, rng)
    found = real + excerpts.corruptions(real, 4, rng)
    for kind in TEMPERATURES:
        found += sampled(composer, style, kind, tunes)
    return found


def clips(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return features [n, 66] of the melodies of rated clips, and their mean ratings [n]."""
    with np.load(folder / "clips_computer.npz") as archive:
        z = {name: archive[name] for name in archive.files}
    rows = []
    for a, b in zip(z["clip_start"][:-1], z["clip_start"][1:], strict=True):
        tuned = np.arange(a, b)[z["channel"][a:b] != DRUMS]
        # The tempo does not matter, as the unit is the median length.
        notes = [
            Note(round(96 * float(t)), max(round(96 * float(d)), 1), int(p))
            for t, d, p in zip(
                z["onset_seconds"][tuned],
                z["duration_seconds"][tuned],
                z["pitch"][tuned],
                strict=True,
            )
        ]
        pitch, length = excerpts.melody_of(np.array(normalized(skyline(notes)), np.int64))
        rows.append(entropy.features([(pitch[:LONGEST_CLIP], length[:LONGEST_CLIP])])[0])
    return np.array(rows), np.asarray(z["mean_rating"], np.float64)


def single(folder: Path) -> NDArray[np.bool_]:
    """Return which of the rated clips [n] have one instrument alone."""
    with np.load(folder / "clips_computer.npz") as archive:
        start, channel, program = (archive[n] for n in ("clip_start", "channel", "program"))
    played = np.stack([channel, program], 1)
    parts = [np.unique(played[a:b], axis=0) for a, b in pairwise(start.tolist())]
    return np.array([len(part) == 1 for part in parts])
