"""Training checkpoints: one `.npz` of plain arrays with a JSON header, without pickles.

The header holds the version of the format, the kind of the model (a key of
`export.training.kinds`), its configuration, the training plan, the progress and the corpora. Arrays
are named `weight/…`, `optimizer/…` and `average/…`.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from export.training.kinds import KINDS, Kinds
from export.training.old_formats import Arrays, converted
from stream.errors import CorpusError, SettingsError

FORMAT = 2
FAULTS = (
    OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""Errors that a damaged archive, or the header of another program, raises in its readers."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that is needed to resume a training, or to export a voice."""

    kind: str
    config: Any
    """Configuration of the model, a dataclass."""
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor] = field(default_factory=dict)
    """Moments of the optimizer by `parameter index/name`."""
    progress: dict[str, Any] = field(default_factory=dict)
    """Epochs done, best figure and epoch, seconds, learning curve, validation figures."""
    average: dict[str, Tensor] = field(default_factory=dict)
    """Averaged weights; empty where the plan averages nothing."""
    plan: dict[str, Any] = field(default_factory=dict)
    """Fields of the training plan."""
    corpora: tuple[str, ...] = ()
    """Corpora that the model is trained on, as the command line names them."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    header = {
        "format": FORMAT,
        "kind": checkpoint.kind,
        "config": dataclasses.asdict(checkpoint.config),
        "plan": checkpoint.plan,
        "progress": checkpoint.progress,
        "corpora": checkpoint.corpora,
    }
    parts = {
        "weight": checkpoint.weights,
        "optimizer": checkpoint.optimizer,
        "average": checkpoint.average,
    }
    arrays: dict[str, Any] = {
        f"{part}/{name}": value.detach().cpu().numpy()
        for part, values in parts.items()
        for name, value in values.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    partial.replace(path)


def load(path: Path, kinds: Kinds = KINDS) -> Checkpoint:
    """Read a checkpoint of one of these kinds.

    Raises `CorpusError`, which names the file, where it is missing, damaged or of another kind.
    """
    try:
        # A bare array would open just as well; this refuses it.
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays: Arrays = {name: archive[name] for name in archive.files if name != "header"}
            header = json.loads(str(archive["header"]))
        if header.get("format", 1) not in {1, FORMAT}:
            raise ValueError(f"format {header['format']}, this program reads 1 and {FORMAT}")
        if header.get("format") != FORMAT:
            header, arrays = converted(header, arrays)
        return _assembled(header, arrays, kinds)
    except (*FAULTS, AttributeError) as error:
        raise CorpusError(f"{path}: no readable checkpoint ({error}); train one first") from error


def _assembled(header: dict[str, Any], arrays: Arrays, kinds: Kinds) -> Checkpoint:
    kind = header["kind"]
    if kind not in kinds:
        raise ValueError(f"it holds a model {kind}; needed is one of {', '.join(kinds)}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in header["config"].items()}

    def part(prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): torch.from_numpy(value)
            for name, value in arrays.items()
            if name.startswith(prefix)
        }

    return Checkpoint(
        kind, kinds[kind].config(**values), part("weight/"), part("optimizer/"), header["progress"],
        part("average/"), header["plan"], tuple(header["corpora"]),
    )  # fmt: skip


def load_model(path: Path, kinds: Kinds) -> tuple[Checkpoint, Any]:
    """Read a checkpoint and build its model, in evaluation mode. Raises `CorpusError`."""
    found = load(path, kinds)
    for name, weight in found.weights.items():
        if not weight.isfinite().all():
            raise CorpusError(f"{path}: {name} holds numbers that are not finite; train it again")
    try:
        model = kinds[found.kind].build(found.config)
        model.load_state_dict(found.weights)
    except (KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise CorpusError(f"{path}: its weights fit no model of this program ({reason})") from error
    return found, model.eval()


def load_to_resume(path: Path, kind: str, config: object) -> Checkpoint:
    """Read a checkpoint to resume; raise `SettingsError` where kind or configuration differ."""
    last = load(path)
    if (last.kind, last.config) != (kind, config):
        raise SettingsError(
            f"--resume: {path} is a {last.kind} of {last.config}; "
            "give the options that it was started with"
        )
    return last


def make_folder(path: Path) -> None:
    """Make the output folder of a training; raise `SettingsError` where that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out {path}: cannot be made ({error.strerror})") from error


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimizer's moments as a flat dictionary of tensors."""
    state = optimizer.state_dict()["state"]
    return {f"{i}/{name}": value for i, entry in state.items() for name, value in entry.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, flat: dict[str, Tensor]) -> None:
    """Set the optimizer's moments: the inverse of `optimizer_state`."""
    document = optimizer.state_dict()
    for key, value in flat.items():
        i, name = key.split("/")
        document["state"].setdefault(int(i), {})[name] = value
    optimizer.load_state_dict(document)
