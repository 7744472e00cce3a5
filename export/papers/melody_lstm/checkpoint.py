"""A trained net on disk: an `.npz` of plain arrays, its plan and its learning curve. No pickles."""

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
class Kept:
    """What a file holds."""

    plan: dict[str, Any]
    curve: list[float]
    """Log-loss of the training part, epoch by epoch, as it was seen while training."""
    seconds: float
    """Processor time of the training."""
    weights: dict[str, Tensor]


def save(path: Path, kept: Kept) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    header = {"plan": kept.plan, "curve": kept.curve, "seconds": kept.seconds}
    arrays = {f"weight/{name}": value.numpy() for name, value in kept.weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    partial.replace(path)


def load(path: Path) -> Kept:
    """Read what was saved; `CorpusError` names the file where it is missing or damaged."""
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        weights = {n.removeprefix("weight/"): torch.from_numpy(a) for n, a in arrays.items()}
        return Kept(weights=weights, **header)
    except FAULTS as error:
        raise CorpusError(f"{path}: no readable net ({error}); train it again") from error


def plan_of(plan: Any) -> dict[str, Any]:
    """A plan as plain values."""
    return dataclasses.asdict(plan)
