"""Training checkpoints: one `.npz` of plain arrays with a JSON header. No pickles."""

from __future__ import annotations

import dataclasses
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.models import family as melody
from export.models.lead.lead_sheet import LeadSheet, LeadSheetConfig
from export.models.melody import MelodyConfig, MelodyModel
from export.models.polyphony import family as polyphony
from export.models.polyphony.chorale import Chorale, ChoraleConfig
from export.models.polyphony.frame_model import FrameConfig, FrameModel
from stream.errors import CorpusError, SettingsError

FORMAT = 1
FAULTS = (
    OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What a damaged archive, or a header of something else, makes its readers raise."""
CHORALES = {"chorale": Chorale}
"""Models of four parts by name."""
LEAD_SHEETS = {"lead-sheet": LeadSheet}
"""Models of a melody and its chords."""
CONFIGS: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(melody.FAMILIES, MelodyConfig),
    **dict.fromkeys(CHORALES, ChoraleConfig),
    **dict.fromkeys(LEAD_SHEETS, LeadSheetConfig),
    **{name: family.Config for name, family in polyphony.FAMILIES.items()},
}
"""What makes the configuration of each family."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that is needed to go on training, or to export."""

    family: str
    config: MelodyConfig | FrameConfig | ChoraleConfig | LeadSheetConfig
    weights: dict[str, Tensor]
    optimiser: dict[str, Tensor]
    """`parameter index/name` to tensor."""
    progress: dict[str, Any]
    """Epochs done, best figure, the training arguments."""
    average: dict[str, Tensor] = field(default_factory=dict)
    """The averaged weights, where there are any."""


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    header = {
        "format": FORMAT,
        "family": checkpoint.family,
        "config": dataclasses.asdict(checkpoint.config),
        "progress": checkpoint.progress,
    }
    parts = {
        "weight": checkpoint.weights,
        "optimiser": checkpoint.optimiser,
        "average": checkpoint.average,
    }
    arrays = {
        f"{part}/{name}": value.detach().cpu().numpy()
        for part, values in parts.items()
        for name, value in values.items()
    }
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(json.dumps(header)), **arrays)
    partial.replace(path)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint; `CorpusError` names the file where it is missing or damaged."""
    try:
        # A bare array would open just as well; this refuses it.
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header")))
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']}, this program reads {FORMAT}")
        return _assembled(header, arrays)
    except FAULTS as error:
        raise CorpusError(f"{path}: no readable checkpoint ({error}); train one first") from error


def make_folder(path: Path) -> None:
    """The output folder of a training; `SettingsError` where it can not be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out {path}: can not be made ({error.strerror})") from error


def begun(path: Path, family: str, config: object) -> Checkpoint:
    """A checkpoint to go on from; `SettingsError` where it is of another family or size."""
    last = load(path)
    if (last.family, last.config) != (family, config):
        raise SettingsError(
            f"--resume: {path} is a {last.family} of {last.config}; "
            "give the options it was begun with"
        )
    return last


def _assembled(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Checkpoint:
    family = header["family"]
    if family not in CONFIGS:
        raise ValueError(f"family {family!r}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in header["config"].items()}

    def part(prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): torch.from_numpy(a)
            for name, a in arrays.items()
            if name.startswith(prefix)
        }

    return Checkpoint(
        family, CONFIGS[family](**values), part("weight/"), part("optimiser/"), header["progress"],
        part("average/"),
    )  # fmt: skip


def load_model(path: Path) -> tuple[str, MelodyModel, dict[str, Any]]:
    """Family, melody model in evaluation mode, and progress of a checkpoint."""
    return _restored(path, melody.FAMILIES)


def load_frame_model(path: Path) -> tuple[str, FrameModel, dict[str, Any]]:
    """Family, model of frames in evaluation mode, and progress of a checkpoint."""
    return _restored(path, polyphony.FAMILIES)


def load_chorale_model(path: Path) -> tuple[str, Chorale, dict[str, Any]]:
    """Family, chorale model in evaluation mode, and progress of a checkpoint."""
    return _restored(path, CHORALES)


def load_lead_model(path: Path) -> tuple[str, LeadSheet, dict[str, Any]]:
    """Family, model of lead sheets in evaluation mode, and progress of a checkpoint."""
    return _restored(path, LEAD_SHEETS)


def _restored(path: Path, families: Mapping[str, Callable[[Any], Any]]) -> Any:
    checkpoint = load(path)
    if checkpoint.family not in families:
        known = ", ".join(families)
        raise CorpusError(f"{path}: holds a model {checkpoint.family}; needed is one of {known}")
    for name, weight in checkpoint.weights.items():
        if not weight.isfinite().all():
            raise CorpusError(f"{path}: {name} holds numbers that are not finite; train it again")
    try:
        model = families[checkpoint.family](checkpoint.config)
        model.load_state_dict(checkpoint.weights)
    except (KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise CorpusError(f"{path}: its weights fit no model of this program ({reason})") from error
    return checkpoint.family, model.eval(), checkpoint.progress


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's moments as a flat dictionary of tensors."""
    state = optimiser.state_dict()["state"]
    return {f"{i}/{name}": value for i, entry in state.items() for name, value in entry.items()}


def restore_optimiser(optimiser: torch.optim.Optimizer, flat: dict[str, Tensor]) -> None:
    """Inverse of `optimiser_state`."""
    document = optimiser.state_dict()
    for key, value in flat.items():
        i, name = key.split("/")
        document["state"].setdefault(int(i), {})[name] = value
    optimiser.load_state_dict(document)
