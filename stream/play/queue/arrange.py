"""A phrase as it is to sound: what the player's part of the controls makes of it.

Pure, and quick: it is done again for all that is queued whenever a control is moved.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.scale import OCTAVE, folded, pitch_classes
from stream.profiles.fit import fitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.music.note import Controls, Phrase
    from stream.profiles.profile import Profile

QUAVER = TICKS_PER_BEAT // 2
PERFORMING = ("bpm", "swing", "transpose", "low", "high", "scale")
"""Controls that the player heeds; the others are the composer's."""


def arranged(
    source: Phrase, begin: int, finish: int, controls: Controls, profile: Profile | None = None
) -> Phrase:
    """What was composed from tick `begin` to `finish`, as it sounds by controls and synthesizer.

    Notes that began before are not struck again.
    """
    classes = pitch_classes(controls.scale)
    tick_of = swing(source, controls)
    first, last = tick_of(begin), tick_of(finish)
    notes = []
    for note in source.notes:
        if begin <= note.onset < finish:
            onset = tick_of(note.onset)
            length = max(min(tick_of(note.end), last) - onset, 1)
            pitch = nearest(note.pitch + controls.transpose, classes)
            pitch = folded(pitch, controls.low, controls.high)
            notes.append(Note(onset - first, length, pitch, note.velocity, note.channel))
    length = max(last - first, 1)
    phrase = dataclasses.replace(source, notes=tuple(notes), length=length, bpm=controls.bpm)
    return fitted(phrase, profile) if profile else phrase


def swing(source: Phrase, controls: Controls) -> Callable[[int], int]:
    """Where each tick of a composed phrase lies when it swings; whole beats stay.

    Beats are counted from the end of the phrase, which is a bar line; its head may be none.
    """
    late = round(controls.swing * QUAVER)
    ahead = -source.length % TICKS_PER_BEAT
    return lambda tick: swung(tick + ahead, late) - ahead


def swung(tick: int, late: int) -> int:
    """Where a tick lies when the second quaver of each beat comes `late` ticks later.

    The first half of a beat is stretched and the second compressed, so that order is kept.
    """
    beat, at = divmod(tick, TICKS_PER_BEAT)
    if at < QUAVER:
        moved = at * (QUAVER + late) // QUAVER
    else:
        moved = QUAVER + late + (at - QUAVER) * (QUAVER - late) // QUAVER
    return beat * TICKS_PER_BEAT + moved


def nearest(pitch: int, classes: frozenset[int]) -> int:
    """The pitch of these classes next to `pitch`, the lower one of two."""
    return min(
        (other for other in range(pitch - OCTAVE, pitch + OCTAVE) if other % OCTAVE in classes),
        key=lambda other: (abs(other - pitch), other),
    )
