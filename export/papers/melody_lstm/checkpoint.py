"""A trained net on disk: an `.npz` archive of plain arrays, without pickles."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.corpus.melody_npz import FAULTS
from stream.errors import CorpusError


@dataclass(frozen=True, slots=True)
class SavedNet:
    """Weights of a trained net, its plan and its learning curve."""

    plan: dict[str, Any]
    curve: list[float]
    """Log-loss of the training part in each epoch, measured while training."""
    seconds: float
    """Processor time of the training."""
    weights: dict[str, Tensor]


def save(path: Path, net: SavedNet) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    header = {"plan": net.plan, "curve": net.curve, "seconds": net.seconds}
    arrays: dict[str, Any] = {f"weight/{n}": value.numpy() for n, value in net.weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    partial.replace(path)


def load(path: Path) -> SavedNet:
    """Read a saved net; `CorpusError` names the file where it is missing or damaged."""
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        weights = {n.removeprefix("weight/"): torch.from_numpy(a) for n, a in arrays.items()}
        return SavedNet(weights=weights, **header)
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable net ({error}); train it again") from error


def plan_of(plan: Any) -> dict[str, Any]:
    """Return a plan as plain values."""
    return dataclasses.asdict(plan)
