"""The models that are compared: missing ones are trained, interrupted runs resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.support.training import complete
from export.models.family import build
from export.models.melody import MelodyModel
from export.training.checkpoint import load_model
from export.training.kinds import MELODIES
from stream.errors import SettingsError

NAMES = {"lm": "LM", "vae": "VAE", "vrash": "VRASH"}


@dataclass(frozen=True, slots=True)
class Study:
    """The models to train; a run is stored in `FOLDER/FAMILY-SEED`."""

    corpora: Sequence[str]
    """Archives as `STYLE=PATH`."""
    folder: Path
    hidden: Mapping[str, int]
    """Width of each family's decoder; the families have about equally many parameters."""
    encoder_hidden: int
    epochs: int
    seeds: Sequence[int]

    def path(self, family: str, seed: int) -> Path:
        return self.folder / f"{family}-{seed}"


def parse_hidden(text: str) -> dict[str, int]:
    """Parse text like `vrash=256,lm=292,vae=272`. Raises `SettingsError`."""
    parts = dict(part.partition("=")[::2] for part in text.split(","))
    if parts.keys() != NAMES.keys() or not all(v.isdecimal() for v in parts.values()):
        raise SettingsError(f"--hidden {text}: write a width for each, as vrash=256,lm=292,vae=272")
    return {family: int(width) for family, width in parts.items()}


def train_missing(study: Study) -> None:
    """Train every run to the end of its plan; finished runs cost nothing."""
    for seed in study.seeds:
        for family in NAMES:
            _train(study, family, seed)


def _train(study: Study, family: str, seed: int) -> None:
    plan: dict[str, str | int] = {
        "model": family, "hidden": study.hidden[family], "encoder-hidden": study.encoder_hidden,
        "epochs": study.epochs, "balance": 1, "seed": seed,
    }  # fmt: skip
    complete(study.path(family, seed), study.corpora, plan)


def trained(study: Study) -> dict[str, list[MelodyModel]]:
    """Return the best checkpoint of every seed by system."""
    return {
        name: [
            load_model(study.path(family, seed) / "best.npz", MELODIES)[1] for seed in study.seeds
        ]
        for family, name in NAMES.items()
    }


def untrained(like: MelodyModel, seeds: Sequence[int]) -> list[MelodyModel]:
    """Return VRASH with fresh weights, one model for each seed."""
    models = []
    for seed in seeds:
        torch.manual_seed(seed)
        models.append(build("vrash", like.config).eval())
    return models


def parameters(model: MelodyModel) -> int:
    """Return the number of trained parameters."""
    return sum(p.numel() for p in model.parameters())
