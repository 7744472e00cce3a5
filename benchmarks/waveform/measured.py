"""Measures of a model on the dev pieces of a style.

*One block ahead*: each block of 0.25 s is predicted from all real sound before it, and compared
with the real block alone. *Free*: after a seed of 10 s the model continues for 30 s without real
input; the first 10 s are compared with the piece itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np
import torch

from benchmarks.waveform.systems import Study
from export.models.wave.block_rnn import BlockRNN
from export.models.wave.oscillators import rendered
from export.models.wave.partial_rnn import PartialRNN
from export.wave import audio, measures
from export.wave.blocks import Floats, cut, joined
from export.wave.generate import (
    Begin,
    PartialStream,
    begin_after,
    blocks_ahead,
    continued_blocks,
    expected_frames,
    partials_ahead,
)
from export.wave.partials import Grid, analyze

SEED, FREE, COMPARED = 10, 30, 10
"""Seconds of the seed, of the continuation, and of its part that is compared."""

Ahead = Callable[[Floats], Floats]
Free = Callable[[Floats, float], Floats]
Frames = Callable[[PartialRNN, int, Begin, int], torch.Tensor]


def distances(
    pieces: Sequence[audio.Piece], rate: int, ahead: Ahead, free: Free
) -> tuple[dict[str, float], list[Floats]]:
    """Return distances of the predictions, and the free continuations."""
    one, after, made = [], [], []
    for piece in pieces:
        predicted = ahead(piece.samples)
        real = cut(piece.samples, predicted.shape[1], predicted.shape[1])[1 : len(predicted) + 1]
        one.append(measures.log_spectral_distance(predicted[: len(real)], real))
        made.append(free(piece.samples[: SEED * rate], FREE))
        after.append(after_seed(piece, rate, made[-1]))
    facts = {
        "ahead": fmean(d for d, _ in one), "ahead_shape": fmean(d for _, d in one),
        "free": fmean(d for d, _ in after), "free_shape": fmean(d for _, d in after),
    }  # fmt: skip
    return facts, made


def after_seed(piece: audio.Piece, rate: int, made: Floats) -> tuple[float, float]:
    """Return distances of a continuation from the piece itself."""
    wanted = piece.samples[SEED * rate : (SEED + COMPARED) * rate]
    return measures.log_spectral_distance(made[: len(wanted)], wanted)


def character(made: Sequence[Floats], rate: int, band: slice) -> dict[str, float]:
    """Return noisiness, energy out of the music's band, level and repetitiveness of sounds."""
    return {
        "flatness": fmean(map(measures.flatness, made)),
        "out_of_band": fmean(measures.out_of_band(m, band) for m in made),
        "level": fmean(float(measures.levels_of_seconds(m, rate).mean()) for m in made),
        "sameness": fmean(measures.sameness(m[-20 * rate :], rate) for m in made),
    }


def band_of(pieces: Sequence[audio.Piece]) -> slice:
    """Return the lines of the spectrum with 99 % of the energy of the training pieces."""
    power = [np.square(measures.magnitudes(p.samples)).mean(axis=0) for p in pieces]
    return measures.occupied(np.mean(power, axis=0))


def of_blocks(model: BlockRNN, found: audio.Corpus) -> dict[str, float]:
    """Return all figures of the paper's network, and the roughness of its block borders."""
    rate, hop = model.config.rate, model.config.hop

    def free(seed: Floats, seconds: float) -> Floats:
        return joined(continued_blocks(model, seed, seconds), hop)

    def ahead(samples: Floats) -> Floats:
        return blocks_ahead(model, samples)[:, :hop]

    facts, made = distances(found.dev, rate, ahead, free)
    rows = [blocks_ahead(model, piece.samples) for piece in found.dev]
    return {
        **facts, **character(made, rate, band_of(found.train)),
        "click": fmean(measures.click(joined(each, hop), hop) for each in rows),
        "click_bare": fmean(measures.click(each[:, :hop].reshape(-1), hop) for each in rows),
        "click_real": fmean(measures.click(piece.samples, hop) for piece in found.dev),
    }  # fmt: skip


def freely(model: PartialRNN, style: int, grid: Grid, frames: Frames) -> Free:
    """Return a function that continues a seed by our model."""

    def free(seed: Floats, seconds: float) -> Floats:
        known = (len(seed) - grid.reach // 2) // grid.hop + 1
        first = torch.from_numpy(analyze(seed, grid))[:known]
        count = round(seconds * grid.rate / grid.hop) + grid.reach // grid.hop
        made = frames(model, style, begin_after(model, style, first), count)[0]
        sound = rendered(torch.cat([first[-1:], made]), grid, 1).numpy()
        skip = len(seed) - (known - 1) * grid.hop
        return sound[skip : skip + round(seconds * grid.rate)]

    return free


def drawn_frames(model: PartialRNN, style: int, begin: Begin, count: int) -> torch.Tensor:
    """Return sampled frames, as the voice plays them."""
    return PartialStream(model, style, begin, 1).frames(count)


def of_partials(model: PartialRNN, style: str, found: audio.Corpus, hop: int) -> dict[str, float]:
    """Return all figures of our model, free as the voice plays, and as the expectation (`mean`)."""
    grid, number = Grid(), model.config.styles.index(style)

    def ahead(samples: Floats) -> Floats:
        return partials_ahead(model, number, samples, grid, hop)

    facts, made = distances(found.dev, grid.rate, ahead, freely(model, number, grid, drawn_frames))
    expected = freely(model, number, grid, expected_frames)
    mean = [after_seed(piece, grid.rate, expected(piece.samples[: SEED * grid.rate], COMPARED))
            for piece in found.dev]  # fmt: skip
    return {
        **facts, **character(made, grid.rate, band_of(found.train)),
        "free_mean": fmean(d for d, _ in mean), "free_mean_shape": fmean(d for _, d in mean),
        "click_free": fmean(measures.click(m, grid.hop) for m in made),
    }  # fmt: skip


def of_baselines(found: audio.Corpus, rate: int, hop: int) -> dict[str, dict[str, float]]:
    """Return figures of a repeated last block, of silence, and of the pieces themselves."""

    def again(seed: Floats, seconds: float) -> Floats:
        return np.tile(seed[-hop:], round(seconds * rate / hop) + 1)[: round(seconds * rate)]

    repeat, _ = distances(found.dev, rate, lambda s: cut(s, hop, hop)[:-1], again)
    silence, _ = distances(
        found.dev, rate, lambda s: 0 * cut(s, hop, hop)[1:],
        lambda _, seconds: np.zeros(round(seconds * rate), np.float32),
    )  # fmt: skip
    whole = [p.samples[SEED * rate : (SEED + FREE) * rate] for p in found.dev]
    real = character(whole, rate, band_of(found.train))
    return {"repeat": repeat, "silence": silence, "real": real}


def endless(model: PartialRNN, study: Study, style: str, seed: Floats) -> dict[str, float]:
    """Return figures of the endless stream over `study.minutes`."""
    grid = Grid()
    sound = freely(model, model.config.styles.index(style), grid, drawn_frames)(
        seed, 60 * study.minutes
    )
    levels = measures.levels_of_seconds(sound, grid.rate)
    minute = 60 * grid.rate
    return {
        "quietest": float(levels.min()), "loudest": float(levels.max()),
        "sameness_first": measures.sameness(sound[:minute], grid.rate),
        "sameness_last": measures.sameness(sound[-minute:], grid.rate),
        "silent": float(np.mean(levels < -50)),
    }  # fmt: skip
