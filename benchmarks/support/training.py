"""Start or resume the runs of `export.melody.train` that benchmarks need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from export.melody import train
from export.training.checkpoint import load
from stream.errors import SettingsError


def complete(folder: Path, corpora: Sequence[str], plan: Mapping[str, str | int]) -> None:
    """Train the run in `folder` to the end of its plan, which holds `epochs`.

    `plan` holds flags of `export.melody.train` without their dashes; `corpora` are `STYLE=PATH`. A
    finished run costs nothing. Raises `SettingsError` if training fails.
    """
    begun = (folder / "last.npz").exists()
    if begun and load(folder / "last.npz").progress["epochs"] >= int(plan["epochs"]):
        return
    arguments = [f"--{name}={value}" for name, value in plan.items()]
    arguments += [f"--out={folder}", *(f"--corpus={spec}" for spec in corpora)]
    if train.main(arguments + ["--resume"] * begun):
        raise SettingsError(f"--runs {folder.parent}: {folder.name} could not be trained")
