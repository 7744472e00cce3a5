"""Training plan of the melody models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from export.training.plan import Plan


@dataclass(frozen=True, slots=True)
class MelodyPlan(Plan):
    """Hyper-parameters of training a melody model."""

    ranges: ClassVar[Mapping[str, tuple[float, float]]] = {
        **Plan.ranges,
        "free_bits": (0.0, math.inf),
        "annealing": (1e-9, 1.0),
        "word_dropout": (0.0, 1.0),
        "input_dropout": (0.0, 0.99),
        "state_dropout": (0.0, 0.99),
        "balance": (0.0, 1.0),
        "tag_dropout": (0.0, 1.0),
    }

    epochs: int = 26
    rows: int = 128
    length: int = 64
    """Events of a segment."""
    rate: float = 1.5e-3
    patience: int = 8
    free_bits: float = 0.25
    """Nats that a latent dimension may use without cost."""
    annealing: float = 0.2
    """Share of the plan over which the weight of the divergence grows from 0 to 1."""
    word_dropout: float = 0.15
    """Share of the events that the decoder does not hear."""
    input_dropout: float = 0.1
    """Variational dropout of the decoder's input (Gal & Ghahramani 2016)."""
    state_dropout: float = 0.25
    """Variational dropout of the decoder's state."""
    balance: float = 0.7
    """Power of a style's share of the events at which it is visited: 0 visits all alike."""
    tag_dropout: float = 0.12
    """Share of the tunes that are learned without their tags."""
