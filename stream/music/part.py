"""The parts of the music: what each channel of a composed phrase is.

A composed note has the number of its part as its channel. The lead voice composes the parts 0 to 3,
in the order of its kind; companions compose the others. The player gives each part the MIDI channel
that the ensemble names for its role.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEAD: Final = "lead"
HARMONY: Final = "harmony"
COMPING: Final = "comping"
BASS: Final = "bass"
ALTO: Final = "alto"
TENOR: Final = "tenor"
DRUMS: Final = "drums"
ROLES: Final = (LEAD, HARMONY, COMPING, BASS, ALTO, TENOR, DRUMS)
"""Roles of parts, in the order in which they are listed and drawn."""
LEAD_PARTS: Final = 4
"""Number of parts that a lead voice may have; they are numbered from 0."""
COMPANION_PARTS: Final[Mapping[str, int]] = {
    HARMONY: 4,
    BASS: 6,
    COMPING: 5,
    ALTO: 7,
    TENOR: 8,
    DRUMS: 9,
}
"""Number of the part that a companion composes, by its role, in the order of composing."""
OWN_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "chorale": (LEAD, ALTO, TENOR, BASS),
    "chords_melody": (LEAD, HARMONY, BASS),
}
"""Roles of the parts that a lead voice composes itself, by its kind; others have the lead alone."""


def own_roles(kind: str) -> tuple[str, ...]:
    """Return the roles of the parts that a lead voice of this kind composes, from part 0 on."""
    return OWN_ROLES.get(kind, (LEAD,))
