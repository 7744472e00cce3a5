"""Trained models, stored in `--out`; missing ones are trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

from benchmarks.waveform.systems import OURS, STYLES, Study, System
from export.models.wave.block_rnn import BlockConfig, BlockRNN, equal_hidden, parameters
from export.models.wave.partial_rnn import PartialRNN
from export.training import checkpoint
from export.training.kinds import BLOCKS, PARTIALS
from export.wave import audio, train_blocks, train_partials
from export.wave.partials import Grid, analyze
from export.wave.train_partials import Frames


@cache
def corpus(study: Study, style: str) -> audio.Corpus:
    """Return the pieces of a style."""
    return audio.read_folder(study.corpus / style, study.rate)


@cache
def tested(study: Study, style: str) -> audio.Corpus:
    """Return the pieces of a style, with the test pieces in the place of the dev pieces."""
    found = corpus(study, style)
    if study.test is None:
        return found
    other = audio.read_folder(study.test / style, study.rate)
    return dataclasses.replace(found, dev=other.train + other.dev)


def configuration(study: Study, system: System) -> BlockConfig:
    """Return the configuration of a network."""
    config = train_blocks.config_of(study.rate, system.width or study.hidden, system.cell)
    if system.width != 0:
        return config
    lstm = BlockRNN(dataclasses.replace(config, cell="lstm"))
    return dataclasses.replace(config, hidden=equal_hidden(config, parameters(lstm)))


def block_model(
    study: Study, system: System, style: str, seed: int
) -> tuple[BlockRNN, dict[str, Any]]:
    """Return the model and the facts of its training; train it if it is missing."""
    config = configuration(study, system)
    plan = train_blocks.BlockPlan(epochs=study.epochs, seed=seed, device=study.device)
    name = f"{config.cell}-{config.hidden}-{plan.epochs}-{seed}.npz"
    path = study.out / style / name
    if not path.exists():
        checkpoint.save(path, train_blocks.train(config, plan, corpus(study, style)))
    trained, model = checkpoint.load_model(path, BLOCKS)
    return model, trained.progress


def partial_model(study: Study, seed: int) -> tuple[PartialRNN, dict[str, Any]]:
    """Return our model of all styles and the facts of its training; train it if it is missing."""
    path = study.out / OURS / f"{study.own_epochs}-{seed}.npz"
    if not path.exists():
        grid = Grid()
        styles = {style: _levels(study, style, grid) for style in STYLES}
        plan = train_partials.PartialPlan(
            epochs=study.own_epochs, warm_up=study.own_epochs / 10, seed=seed
        )
        checkpoint.save(path, train_partials.train(styles, grid, plan))
    trained, model = checkpoint.load_model(path, PARTIALS)
    return model, trained.progress


@cache
def _levels(study: Study, style: str, grid: Grid) -> Frames:
    """Return the levels of all pieces; they are stored, as finding them takes some epochs' time."""
    found = corpus(study, style)

    def all_of(pieces: Sequence[audio.Piece]) -> tuple[torch.Tensor, ...]:
        return tuple(torch.from_numpy(_stored_levels(study, style, p, grid)) for p in pieces)

    return Frames(all_of(found.train), all_of(found.dev))


def _stored_levels(study: Study, style: str, piece: audio.Piece, grid: Grid) -> np.ndarray:
    path = study.out / "levels" / style / f"{piece.name}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            np.save(file, analyze(piece.samples, grid))
        partial.replace(path)
    return np.asarray(np.load(path, allow_pickle=False))
