"""The trained network of the voice as a file: plain arrays and a header. No pickles."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from export.models.blues.trio import Trio, TrioConfig
from stream.errors import CorpusError


def save(path: Path, model: Trio, progress: Mapping[str, float]) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    header = json.dumps({"config": dataclasses.asdict(model.config), "progress": dict(progress)})
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(file, header=np.array(header), **weights)  # type: ignore[arg-type]
    partial.replace(path)


def load(path: Path) -> tuple[Trio, dict[str, float]]:
    """The network and how it was trained. Raises `CorpusError` for what is no such file."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            weights = {n: torch.from_numpy(archive[n]) for n in archive.files if n != "header"}
        model = Trio(TrioConfig(**header["config"]))
        model.load_state_dict(weights)
    except (OSError, LookupError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise CorpusError(f"{path}: no network of the blues voice ({error})") from error
    return model.eval(), header["progress"]
