"""Checkpoints of the models of sound: one `.npz` of plain arrays with a JSON header. No pickles."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.models.wave.partial_rnn import PartialConfig, PartialRNN
from export.training.checkpoint import FAULTS
from stream.errors import CorpusError

FORMAT = 1
MODELS: dict[str, tuple[type[Any], type[Any]]] = {
    "block": (BlockConfig, BlockRNN),
    "partial": (PartialConfig, PartialRNN),
}
"""Configuration and model by family."""


def save(path: Path, model: nn.Module, facts: dict[str, Any]) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    family = next(name for name, (_, kind) in MODELS.items() if isinstance(model, kind))
    config = dataclasses.asdict(model.config)  # type: ignore[call-overload]
    header = {"format": FORMAT, "family": family, "config": config, "facts": facts}
    arrays = {name: value.numpy() for name, value in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    partial.replace(path)


def load(path: Path, family: str) -> tuple[Any, dict[str, Any]]:
    """The model in evaluation mode and the facts of its training. Raises `CorpusError`."""
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: torch.from_numpy(archive[name]) for name in archive.files[1:]}
            header = json.loads(str(archive["header"]))
        if (header["format"], header["family"]) != (FORMAT, family):
            raise ValueError(f"a model {header['family']!r} of format {header['format']}")
        config, kind = MODELS[family]
        values = header["config"].items()
        model = kind(config(**{k: tuple(v) if isinstance(v, list) else v for k, v in values}))
        model.load_state_dict(arrays)
    except FAULTS as error:
        raise CorpusError(
            f"{path}: no readable checkpoint of a {family} model ({error}); train one first"
        ) from error
    if not all(value.isfinite().all() for value in arrays.values()):
        raise CorpusError(f"{path}: holds numbers that are not finite; train it again")
    return model.eval(), header["facts"]
