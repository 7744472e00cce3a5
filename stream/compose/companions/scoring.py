"""The bits that a companion needs for its part of given music; nothing is sampled.

The music is cut into phrases of four bars, as the stream plays it: the companion hears each whole,
and is primed by the one before. Chords are those that all notes of a beat form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from stream.compose.companions.companion import Companion
from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony import voicing
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import COMPANION_PARTS, DRUMS, HARMONY, LEAD

BARS: Final = 4
"""Bars in a phrase."""


def score(companion: Companion, parts: Mapping[str, Notes], bar: int) -> dict[str, float]:
    """Return bits per frame by style; a bar has `bar` ticks.

    Raises `CorpusError` for music without the companion's part, or without a lead.
    """
    parts = {HARMONY: _chords(parts), **parts}
    roles = companion.kind.roles
    if DRUMS in roles:
        raise CorpusError(
            "score: drums cannot be scored: a file is read without velocities and timing; give"
            " another voice"
        )
    for role in (LEAD, *roles):
        if not parts.get(role):
            raise CorpusError(
                f"score: no part {role}; give a file with a lead and {', '.join(roles)}, each on"
                " a channel of its own"
            )
    end = max(note.end for notes in parts.values() for note in notes)
    styles = [tag.removeprefix("style:") for tag in companion.step.spec.tags] or [""]
    return {style: _bits(companion, parts, bar, end, style) for style in styles}


def _bits(
    companion: Companion, parts: Mapping[str, Notes], bar: int, end: int, style: str
) -> float:
    length = BARS * bar
    phrases = math.ceil(end / length)
    found = [companion.bits(_phrase(parts, bar, i, style)) for i in range(phrases)]
    return float(np.concatenate(found).mean())


def _phrase(parts: Mapping[str, Notes], bar: int, number: int, style: str) -> Score:
    """Return one phrase with its past."""
    length = BARS * bar
    begin = number * length
    heard = {
        role: tuple(
            _within(note.moved(-begin), length) for note in notes if note.onset < begin + length
        )
        for role, notes in parts.items()
    }
    beat = TICKS_PER_BEAT if bar % TICKS_PER_BEAT == 0 else TICKS_PER_BEAT * 3 // 2
    return Score(heard, length, bar, beat, begin, (length,) * number, style=style)


def _within(note: Note, length: int) -> Note:
    return note if note.end <= length else note.until(length)


def _chords(parts: Mapping[str, Notes]) -> Notes:
    """Return the chords that the notes of each beat form, as notes of the part `harmony`."""
    notes = [note for each in parts.values() for note in each]
    end = max((note.end for note in notes), default=0)
    found: list[Note] = []
    before: voicing.Pitches = ()
    chord = voicing.NO_CHORD
    for at in range(0, end, TICKS_PER_BEAT):
        sounding = {n.pitch for n in notes if n.onset < at + TICKS_PER_BEAT and n.end > at}
        chord = voicing.named(sounding) if len(sounding) > 1 else chord
        before = voicing.voiced(chord, before)
        part = COMPANION_PARTS[HARMONY]
        found += [Note(at, TICKS_PER_BEAT, pitch, channel=part) for pitch in before]
    return tuple(found)
