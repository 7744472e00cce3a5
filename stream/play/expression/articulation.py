"""Rules for the articulation of the melody: punctuation, and pauses between repeated notes.

Both are rules of the KTH system; the search for the ends of fragments is simpler here (three signs
instead of thirteen weights), and the lengths of the pauses are our own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from stream.play.expression.passage import MELODY_PART

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.music.note import Note
    from stream.play.expression.passage import Passage

    Pause = Callable[[Note], float]
    """Maps a note to the tenths of a tick by which it ends earlier."""

LEAP: Final = 7
"""Semitones of a leap after which a fragment of the melody begins."""
LONG: Final = 2.0
"""Ratio to the notes on both sides from which a note is the last of a fragment."""
PAUSE_SHARE, PAUSE_MS = 0.15, 60.0
"""Pause after a fragment: share of its last note, and most milliseconds."""
REPETITION_SHARE, REPETITION_MS = 0.1, 40.0
"""Pause between two notes of the same pitch: share of the first, and most milliseconds."""


def punctuation(passage: Passage) -> Pause:
    """Return the punctuation: a short pause after each fragment of the melody.

    A fragment ends before a leap, after a note that is long beside its neighbors, and at the end
    of the phrase.
    """
    melody = passage.melody
    last = {melody[-1].onset} if melody else set()
    for at, (note, following) in enumerate(pairwise(melody)):
        before = melody[at - 1].duration if at else note.duration
        is_long = note.duration >= LONG * max(before, following.duration)
        if is_long or abs(following.pitch - note.pitch) >= LEAP:
            last.add(note.onset)
    return _pause(passage, frozenset(last), PAUSE_SHARE, PAUSE_MS)


def repetition(passage: Passage) -> Pause:
    """Return the articulation of repetitions: a short pause before the same pitch again."""
    repeated = (
        note.onset
        for note, following in pairwise(passage.melody)
        if note.pitch == following.pitch and note.end >= following.onset
    )
    return _pause(passage, frozenset(repeated), REPETITION_SHARE, REPETITION_MS)


def _pause(passage: Passage, onsets: frozenset[int], share: float, most: float) -> Pause:
    def pause(note: Note) -> float:
        if note.channel != MELODY_PART or note.onset not in onsets:
            return 0.0
        return passage.tenths(min(share * passage.milliseconds(note.duration), most))

    return pause
