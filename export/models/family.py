"""The melody models by name."""

from __future__ import annotations

from export.models.lm import LM
from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig
from export.models.vae import VAE
from export.models.vrash import VRASH

FAMILIES: dict[str, type[LM | VAE | VRASH]] = {"lm": LM, "vae": VAE, "vrash": VRASH}


def build(name: str, config: MelodyConfig) -> MelodyModel:
    """Return a new model with random weights."""
    return FAMILIES[name](config)
