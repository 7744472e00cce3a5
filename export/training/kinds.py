"""Kinds of models that a checkpoint can hold: the class of the configuration and the builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from export.models import family as melody
from export.models.blues.trio import Trio, TrioConfig
from export.models.companion import CompanionConfig, CompanionNet
from export.models.lead.lead_sheet import LeadSheet, LeadSheetConfig
from export.models.melody_config import MelodyConfig
from export.models.polyphony import family as polyphony
from export.models.polyphony.chorale import Chorale, ChoraleConfig
from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.models.wave.partial_rnn import PartialConfig, PartialRNN


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of model."""

    config: Callable[..., Any]
    """Class of the configuration, a dataclass."""
    build: Callable[[Any], nn.Module]
    """Builder of a fresh model of a configuration."""


Kinds = Mapping[str, Kind]

MELODIES: Kinds = {name: Kind(MelodyConfig, family) for name, family in melody.FAMILIES.items()}
FRAMES: Kinds = {name: Kind(family.Config, family) for name, family in polyphony.FAMILIES.items()}
CHORALES: Kinds = {"chorale": Kind(ChoraleConfig, Chorale)}
LEAD_SHEETS: Kinds = {"lead-sheet": Kind(LeadSheetConfig, LeadSheet)}
COMPANIONS: Kinds = {"companion": Kind(CompanionConfig, CompanionNet)}
BLUES: Kinds = {"trio": Kind(TrioConfig, Trio)}
BLOCKS: Kinds = {"block": Kind(BlockConfig, BlockRNN)}
PARTIALS: Kinds = {"partial": Kind(PartialConfig, PartialRNN)}
KINDS: Kinds = {
    **MELODIES, **FRAMES, **CHORALES, **LEAD_SHEETS, **COMPANIONS, **BLUES, **BLOCKS, **PARTIALS
}  # fmt: skip
