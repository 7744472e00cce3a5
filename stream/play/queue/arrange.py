"""Arranges a composed phrase: applies the controls that belong to the player.

Pure and fast: everything queued is arranged again whenever a control is moved.
"""

from __future__ import annotations

import dataclasses
from itertools import repeat
from typing import TYPE_CHECKING

from stream.config.part_changes import part_levels
from stream.music.note import TENTHS, TICKS_PER_BEAT, Note
from stream.music.part import COMPANION_PARTS, DRUMS
from stream.music.scale import OCTAVE, folded, pitch_classes, transposed_key
from stream.play.expression.level import louder
from stream.play.expression.perform import MOST_OFFSET, performed
from stream.play.queue.routing import on_channels, with_velocities
from stream.profiles.fit import fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Controls, Phrase
    from stream.play.expression.perform import Touch
    from stream.profiles.profile import Profile

EIGHTH = TICKS_PER_BEAT // 2
LOUDEST = 127
"""The highest velocity."""
DRUM_PARTS = (COMPANION_PARTS[DRUMS],)
"""Parts whose pitches are instruments."""


def arranged(
    source: Phrase,
    begin: int,
    finish: int,
    controls: Controls,
    profile: Profile | None = None,
    ensemble: Ensemble | None = None,
) -> Phrase:
    """Return the part from tick `begin` to `finish`, arranged for the controls and the synthesizer.

    `ensemble` is that of the phrase, routed (`stream.play.queue.routing`): its notes get an offset
    and a release within the part. None leaves each part on its composed channel and on the grid, on
    which swing falls on whole ticks. Notes that began earlier are not struck again.
    """
    pitch_of = pitches(controls, DRUM_PARTS if ensemble else ())
    tick_of = swing(source, controls)
    velocity_of = accent(source, controls)
    first, last = tick_of(begin), tick_of(finish)
    touches: Iterable[Touch | None] = repeat(None)
    if ensemble is not None:
        touches = performed(source, controls, ensemble)
    notes = []
    for note, touch in zip(source.notes, touches, strict=False):
        if begin <= note.onset < finish:
            onset = tick_of(note.onset)
            length = max(min(tick_of(note.end), last) - onset, 1)
            place = onset - first, length, pitch_of(note), velocity_of(note), note.channel
            notes.append(_touched(Note(*place), touch, first, last) if touch else Note(*place))
    length = max(last - first, 1)
    phrase = dataclasses.replace(
        source,
        notes=tuple(notes),
        length=length,
        bpm=controls.tempo(source),
        key=sounding_key(source, controls),
    )
    if ensemble is not None:
        phrase = with_velocities(phrase, ensemble, part_levels(controls.parts))
        return on_channels(phrase, ensemble, profile)
    return fitted(phrase, profile) if profile else phrase


def sounding_key(source: Phrase, controls: Controls) -> str:
    """Return the key in which a phrase sounds: transposed, or the scale to which it is moved."""
    if not source.key:
        return ""
    return controls.scale or transposed_key(source.key, controls.transpose)


def _touched(note: Note, touch: Touch, first: int, last: int) -> Note:
    """Return a note of the part from tick `first` to `last` as it is performed, within the part."""
    length = max((last - first) * TENTHS, TENTHS)
    onset = min(max(touch.onset - first * TENTHS, 0), length - 1)
    offset = _near(onset - note.onset * TENTHS)
    onset = note.onset * TENTHS + offset
    end = max(min(touch.end - first * TENTHS, length), onset + 1)
    release = max(_near(end - note.end * TENTHS), onset + 1 - note.end * TENTHS)
    velocity = louder(note.velocity, touch.decibels)
    return Note(note.onset, note.duration, note.pitch, velocity, note.channel, offset, release)


def _near(tenths: int) -> int:
    return min(max(tenths, -MOST_OFFSET), MOST_OFFSET)


def pitches(controls: Controls, kept: Collection[int]) -> Callable[[Note], int]:
    """Return a function for the pitch of a note: transposed, in the scale and in the range.

    The parts with the numbers in `kept` keep their pitches.
    """
    classes = pitch_classes(controls.scale)

    def pitch_of(note: Note) -> int:
        if note.channel in kept:
            return note.pitch
        pitch = nearest(note.pitch + controls.transpose, classes)
        return folded(pitch, controls.low, controls.high)

    return pitch_of


def swing(source: Phrase, controls: Controls) -> Callable[[int], int]:
    """Return a function that maps each tick of a composed phrase to its tick with swing.

    Whole beats stay. They are counted back from the end of the phrase, which is a bar line; its
    head may lie between two of them.
    """
    delay = round(controls.swing * EIGHTH)
    offset = -source.length % TICKS_PER_BEAT
    return lambda tick: swung(tick + offset, delay) - offset


def accent(source: Phrase, controls: Controls) -> Callable[[Note], int]:
    """Return a function for the velocity of a note when the accents are scaled.

    The distance of each note from the mean velocity of its channel is multiplied by the control.
    """
    velocities: dict[int, list[int]] = {}
    for note in source.notes:
        velocities.setdefault(note.channel, []).append(note.velocity)
    means = {channel: sum(found) / len(found) for channel, found in velocities.items()}

    def velocity_of(note: Note) -> int:
        mean = means[note.channel]
        return min(max(round(mean + controls.accent * (note.velocity - mean)), 1), LOUDEST)

    return velocity_of


def swung(tick: int, delay: int) -> int:
    """Return the tick with swing: the second eighth note of each beat is `delay` ticks later.

    The first half of a beat is stretched and the second compressed, so that order is kept.
    """
    beat, at = divmod(tick, TICKS_PER_BEAT)
    if at < EIGHTH:
        moved = at * (EIGHTH + delay) // EIGHTH
    else:
        moved = EIGHTH + delay + (at - EIGHTH) * (EIGHTH - delay) // EIGHTH
    return beat * TICKS_PER_BEAT + moved


def nearest(pitch: int, classes: frozenset[int]) -> int:
    """Return the pitch of these classes next to `pitch`, the lower one of two."""
    if pitch % OCTAVE in classes:
        return pitch
    return min(
        (
            candidate
            for candidate in range(pitch - OCTAVE, pitch + OCTAVE)
            if candidate % OCTAVE in classes
        ),
        key=lambda candidate: (abs(candidate - pitch), candidate),
    )
