"""Drums as frames: for each sixteenth, what each limb strikes, how hard, and how early or late.

This is the form of hits, velocities and offsets of Gillick et al. 2019 (Learning to Groove with
Inverse Sequence Transformations), with classes for velocities and offsets. Instruments that one
limb plays in turn share a head: closed and open hi-hat, the three toms, snare and rim, ride and
its bell. Conventions: frames int64 [T, 15]; times are units of 1/480 quarter note, so a frame has
120; the grid point of a frame is in its middle.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import COMPANION_PARTS, DRUMS

FRAME_UNITS: Final = 120
"""Units of 1/480 quarter note in a frame."""
OFFSET_STEP: Final = 5
"""Units in a class of offsets."""
OFFSETS: Final = FRAME_UNITS // OFFSET_STEP
LOUDEST: Final = 127
DURATION: Final = 6
"""Ticks of a hit: a drum's note has no length of its own."""
FINE: Final = (1, 14, 24, 34, 44, 54, 64, 76, 90, 106, LOUDEST)
"""Lowest velocity of each class, for what is struck most; the loudest hits of a kit are 127."""
COARSE: Final = (1, 45, 75, 105)
"""Lowest velocity of each class, for what is struck less."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of the kit."""

    pitch: int
    """Its number in General MIDI."""
    also: tuple[int, ...]
    """Other numbers that are read as this sound."""
    levels: tuple[int, ...]
    """Lowest velocity of each class."""

    def velocities(self, level: int) -> tuple[int, int]:
        """Return the lowest velocity of a class, and one past its highest."""
        return self.levels[level], (*self.levels, LOUDEST + 1)[level + 1]


SLOTS: Final[tuple[tuple[Sound, ...], ...]] = (
    (Sound(36, (35,), FINE),),
    (Sound(38, (40,), FINE), Sound(37, (), COARSE)),
    (Sound(42, (22,), FINE), Sound(46, (26,), COARSE)),
    (Sound(44, (), (1, 30, 45, 60, 75, 95)),),
    (Sound(51, (59,), FINE), Sound(53, (), COARSE)),
    (Sound(49, (52, 55, 57), COARSE),),
    (Sound(43, (41, 58), COARSE), Sound(45, (47,), COARSE), Sound(48, (50,), COARSE)),
)
"""Sounds of each slot: kick; snare and rim; closed and open hi-hat; its pedal; ride and its bell;
crash; toms from the lowest up."""
KICK, SNARE, HAT, PEDAL, RIDE, CRASH, TOM = range(len(SLOTS))
SOUNDS: Final[tuple[tuple[tuple[Sound, int], ...], ...]] = tuple(
    tuple((sound, level) for sound in slot for level in range(len(sound.levels))) for slot in SLOTS
)
"""Sound and level of each class of a slot's head, from class 1 on; class 0 means no hit."""
AGAIN_GAPS: Final = ((-90, -40), (-40, -15), (15, 40), (40, 90))
"""Units from a snare's main stroke to the other one, in classes: drags, flams, bounces, rolls."""
AGAIN_LEVELS: Final = (1, 25, 60)
AGAIN: Final = 2 * len(SLOTS)
"""Head of the other stroke of the snare."""
HEADS: Final = (
    *(len(each) + 1 for each in SOUNDS),
    *[OFFSETS + 1] * len(SLOTS),
    len(AGAIN_GAPS) * len(AGAIN_LEVELS) + 1,
)
"""Classes of each head: the hit of each slot, the offset of each slot, the snare's other stroke.
Class 0 of an offset is that of a slot without a hit."""
PLACE: Final = {
    pitch: (number, 1 + sum(len(other.levels) for other in slot[:place]), sound)
    for number, slot in enumerate(SLOTS)
    for place, sound in enumerate(slot)
    for pitch in (sound.pitch, *sound.also)
}
"""Slot, first class and sound of each pitch."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke within a frame."""

    at: int
    """Units from the grid point of the frame."""
    pitch: int
    velocity: int


def encoded(notes: Iterable[Note], first: int, count: int) -> Ints:
    """Return the frames [count, 15] of drum notes, the first frame at tick `first`.

    A slot has its loudest hit in the frame, the snare its second loudest, too.
    """
    frames = np.zeros((count, len(HEADS)), np.int64)
    cells: dict[tuple[int, int], list[Hit]] = {}
    for note in notes:
        if note.pitch in PLACE:
            at = 10 * (note.onset - first) + note.offset
            frame = (at + FRAME_UNITS // 2) // FRAME_UNITS
            if 0 <= frame < count:
                hit = Hit(at - FRAME_UNITS * frame, note.pitch, note.velocity)
                cells.setdefault((frame, PLACE[note.pitch][0]), []).append(hit)
    for (frame, slot), hits in cells.items():
        _write(frames[frame], slot, sorted(hits, key=lambda hit: -hit.velocity))
    return frames


def _write(frame: Ints, slot: int, hits: Sequence[Hit]) -> None:
    main = hits[0]
    _, base, sound = PLACE[main.pitch]
    frame[slot] = base + bisect_right(sound.levels, main.velocity) - 1
    frame[len(SLOTS) + slot] = 1 + (main.at + FRAME_UNITS // 2) // OFFSET_STEP
    if slot == SNARE and len(hits) > 1:
        frame[AGAIN] = _again(hits[1].at - main.at, hits[1].velocity)


def _again(gap: int, velocity: int) -> int:
    """Return the class of the snare's other stroke; 0 if the two are one."""
    near = 2 if abs(gap) < AGAIN_GAPS[2][1] else 3
    if abs(gap) < AGAIN_GAPS[2][0]:
        return 0
    row = near if gap > 0 else len(AGAIN_GAPS) - 1 - near
    return 1 + row * len(AGAIN_LEVELS) + bisect_right(AGAIN_LEVELS, velocity) - 1


def decoded(frames: Ints, first: int, length: int, rng: np.random.Generator) -> tuple[Note, ...]:
    """Return the notes of frames [T, 15], the first at tick `first`, by onset.

    `rng` draws velocities and offsets within their classes. None lasts beyond `length`.
    """
    notes = []
    for t, row in enumerate(frames.tolist()):
        for slot in range(len(SLOTS)):
            if row[slot]:
                main = _note(slot, row, first + t * (FRAME_UNITS // 10), rng)
                notes.append(main)
                if slot == SNARE and row[AGAIN]:
                    notes[-1:] = _both(main, row[AGAIN] - 1, rng)
    fitting = (note.until(min(note.end, length)) for note in notes)
    return tuple(sorted(fitting, key=lambda note: (note.onset, note.pitch)))


def _note(slot: int, row: Sequence[int], onset: int, rng: np.random.Generator) -> Note:
    sound, level = SOUNDS[slot][row[slot] - 1]
    velocity = int(rng.integers(*sound.velocities(level)))
    wanted = row[len(SLOTS) + slot]
    offset = int(rng.integers(OFFSET_STEP)) + OFFSET_STEP * (wanted - 1) - FRAME_UNITS // 2
    return Note(onset, DURATION, sound.pitch, velocity, COMPANION_PARTS[DRUMS],
                offset if wanted else 0)  # fmt: skip


def _both(main: Note, code: int, rng: np.random.Generator) -> list[Note]:
    """Return both strokes of the snare, the earlier one first, which ends where the other begins.

    A stroke that would begin before the phrase is left out.
    """
    row, level = divmod(code, len(AGAIN_LEVELS))
    gap = int(rng.integers(*AGAIN_GAPS[row]))
    high = min((*AGAIN_LEVELS, LOUDEST + 1)[level + 1], main.velocity + 1)
    velocity = int(rng.integers(min(AGAIN_LEVELS[level], high - 1), high))
    ticks = round(gap / 10)
    other = Note(main.onset + ticks, DURATION, main.pitch, velocity, main.channel,
                 main.offset + gap - 10 * ticks)  # fmt: skip
    if other.onset < 0:
        return [main]
    early, late = (main, other) if ticks > 0 else (other, main)
    return [early.until(min(early.end, late.onset)), late]
