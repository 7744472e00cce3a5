"""Notes as three tokens: pitch class, octave, duration (Yamshchikov & Tikhonov 2020, section 2).

Conventions: an *event* is a note or a rest. Durations are multiples of the tune's median duration,
the *unit*, in eleven classes; the code counts them in twelfths of a unit, which makes every class a
whole number. A rest has its own pitch class and its own octave. START, one past the last
class of each head, is only ever an input: the event before the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from stream.music.note import Note
from stream.music.scale import folded

TWELFTHS: Final = (3, 4, 6, 8, 9, 12, 16, 18, 24, 36, 48)
"""Durations in twelfths of a unit: 1/4 1/3 1/2 2/3 3/4 1 4/3 3/2 2 3 4."""

PERIOD: Final = 12 * 2304
"""Twelfths after which metric positions repeat: every cycle of the models divides it, and sixteen
bars of every length that has a tag."""

REST: Final = 12
"""Pitch class of a rest."""
LOWEST_OCTAVE: Final = 2
"""Octave number of octave class 0, which starts at MIDI note 24."""
REST_OCTAVE: Final = 7
"""Octave class of a rest; 0-6 are the octaves from MIDI 24 to 107."""
LOWEST: Final = 12 * LOWEST_OCTAVE
HIGHEST: Final = 12 * (LOWEST_OCTAVE + REST_OCTAVE) - 1
"""MIDI numbers of the lowest and the highest pitch that the tokens can name."""

SIZES: Final = (13, 8, 11)
"""Classes of the heads: pitch class, octave, duration."""
START: Final = SIZES
"""The token of each head before the first event."""

Token = tuple[int, int, int]


def encode_pitch(pitch: int) -> tuple[int, int]:
    """Return pitch class and octave class of a MIDI note in 24-107."""
    return pitch % 12, pitch // 12 - LOWEST_OCTAVE


def decode_pitch(pitch_class: int, octave: int) -> int:
    """Return the MIDI note number; with the octave of a rest, the one in the octave of middle C."""
    return pitch_class + 12 * ((3 if octave == REST_OCTAVE else octave) + LOWEST_OCTAVE)


def decode(tokens: Iterable[Sequence[int]], unit: int) -> tuple[tuple[Note, ...], int]:
    """Return notes and length in ticks of a run of events; `unit` in ticks, a multiple of 12."""
    notes, elapsed = [], 0
    for pitch_class, octave, duration in tokens:
        ticks = TWELFTHS[duration] * unit // 12
        if pitch_class != REST:
            notes.append(Note(elapsed, ticks, decode_pitch(pitch_class, octave)))
        elapsed += ticks
    return tuple(notes), elapsed


def encode(notes: Sequence[Note], unit: int, end: int | None = None) -> list[Token]:
    """Return the tokens of a melody from tick 0, with rests, each length at the nearest class.

    `end` is its end in ticks, if a rest follows the last note.

    The rounding error is carried to the next event, so that it never adds up. Pitches outside
    24-107 are folded by octaves. Of simultaneous notes the later one in the sequence is used.
    """
    events, ends = _events(notes, end)
    tokens: list[Token] = []
    elapsed = 0.0
    for (_, pitch), end_tick in zip(events, ends, strict=True):
        duration = nearest_class(end_tick * 12 / unit - elapsed)
        if duration is None:
            continue
        elapsed += TWELFTHS[duration]
        tokens.append(
            (*encode_pitch(folded(pitch, LOWEST, HIGHEST)), duration)
            if pitch >= 0
            else _rest(duration)
        )
        elapsed, rests = _fill(elapsed, end_tick * 12 / unit)
        tokens.extend(rests)
    return tokens


def _events(notes: Sequence[Note], stop: int | None) -> tuple[list[tuple[int, int]], list[int]]:
    """Return (onset, pitch or -1 for a rest) and the end of each event, in ticks from 0."""
    lead = notes[0].onset if notes else 0
    events: list[tuple[int, int]] = [(0, -1)] if lead > 0 else []
    ends: list[int] = [lead] if lead > 0 else []
    for i, note in enumerate(notes):
        last = note.end if stop is None else stop
        following = notes[i + 1].onset if i + 1 < len(notes) else last
        end = min(note.end, following)
        if end <= note.onset:
            continue
        events.append((note.onset, note.pitch))
        ends.append(end)
        if following > end:
            events.append((end, -1))
            ends.append(following)
    return events, ends


def nearest_class(twelfths: float) -> int | None:
    """Return the duration class nearest to a length, or None if 0 is nearer."""
    if twelfths < TWELFTHS[0] / 2:
        return None
    return min(range(len(TWELFTHS)), key=lambda c: abs(TWELFTHS[c] - twelfths))


def _fill(begin: float, end: float) -> tuple[float, list[Token]]:
    """Return rests that complete an event longer than the longest class, and their end."""
    rests: list[Token] = []
    while end - begin >= TWELFTHS[2]:
        duration = max(c for c, length in enumerate(TWELFTHS) if length <= end - begin)
        rests.append(_rest(duration))
        begin += TWELFTHS[duration]
    return begin, rests


def _rest(duration: int) -> Token:
    return REST, REST_OCTAVE, duration
