"""Phrases as they are written: without swing and on the grid. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stream.ensembles.library import Ensembles
from stream.play.queue.arrange import arranged
from stream.play.queue.routing import route
from stream.play.recording.format import Played

if TYPE_CHECKING:
    from stream.play.observer import Slot
    from stream.play.recording.format import Sounding
    from stream.profiles.profile import Profile


def straight(
    part: Played, profile: Profile | None = None, ensembles: Ensembles | None = None
) -> Sounding:
    """Return a part of a phrase as it is written, and its routed ensemble."""
    controls = dataclasses.replace(part.controls, swing=0.0)
    ensemble = route(part.source, controls, profile, ensembles or Ensembles())
    phrase = arranged(part.source, part.begin, part.finish, controls, profile, ensemble)
    # A rest of a phrase does not begin where its letter stands.
    letter = "" if part.begin else phrase.letter
    return dataclasses.replace(phrase, letter=letter), ensemble


def part_of(slot: Slot) -> Played:
    """Return the part that a slot plays. Raises `ValueError` if it has no source."""
    if slot.source is None or slot.controls is None:
        raise ValueError("a slot without a source")
    return Played(slot.source, None, slot.begin, slot.finish, slot.controls)
