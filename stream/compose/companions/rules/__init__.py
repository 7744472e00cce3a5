"""Companions that are rules written by hand. Their names have a hyphen, unlike trained ones."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from stream.compose.companions.rules.bass_lines import RootBass, WalkingBass
from stream.compose.companions.rules.comping_figures import (
    Arpeggio,
    BlockChords,
    BoomChick,
    Charleston,
)
from stream.compose.companions.rules.rule import RuleCompanion

RULES: Final[Mapping[str, RuleCompanion]] = MappingProxyType(
    {
        "walking-bass": WalkingBass(),
        "root-bass": RootBass(),
        "block-chords": BlockChords(),
        "arpeggio": Arpeggio(),
        "boom-chick": BoomChick(),
        "charleston-comping": Charleston(),
    }
)
"""Rule companions by name."""
