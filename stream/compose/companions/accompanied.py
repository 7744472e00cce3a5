"""The result of accompanying a phrase. Importing it loads no companion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream.ensembles.ensemble import EnsemblePart
from stream.music.note import Phrase
from stream.music.part import HARMONY

if TYPE_CHECKING:
    from stream.compose.companions.companion import Choice

HYMNAL: Final = "hymnal"
"""Companion whose parts are repeated with the phrase that they belong to."""


@dataclass(frozen=True, slots=True)
class Accompaniment:
    """A phrase with all its parts, and how they were chosen."""

    phrase: Phrase
    choices: Mapping[str, Choice]
    """Candidates of each trained companion that composed, by its name."""


def replaces(part: EnsemblePart | None) -> bool:
    """Return True if a part's companion replaces what the lead has composed for its role.

    Chords and the lower parts of a chorale are composed best by the voice that composes them with
    its melody.
    """
    return part is not None and part.companion not in {"", HARMONY, HYMNAL}
