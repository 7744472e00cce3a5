"""The form of a tune: which of its phrases are repeated, whole or with a new ending.

Half of a dance tune is played twice; a melody without repeats has no shape. A voice knows the forms
of real tunes (`StyleSpec.forms`), a tune draws one of them, and this module finds the phrase to
repeat among the notes played so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stream.music.note import Note, PhraseRequest


@dataclass(frozen=True, slots=True)
class Repeat:
    """Notes of this tune that are repeated at the start of the next phrase."""

    notes: tuple[Note, ...]
    """The notes, with onsets in ticks from the start of the phrase."""
    length: int
    """Ticks that the repeated notes take."""
    whole: bool
    """True if nothing new follows in this phrase."""


Half = Callable[[tuple[Note, ...], int], Repeat | None]


def repeat(form: str, request: PhraseRequest, half: Half | None = None) -> Repeat | None:
    """Return what the phrase repeats, or None if all of it is new.

    `form` has a letter for each phrase. A letter that came before is that phrase again; a capital
    is the first half of the phrase with that letter, and a new ending. `half` takes the notes and
    the length of a phrase and returns its first half; the default is that of a melody.
    """
    number = len(request.phrase_lengths)
    if request.begun:
        # A control changed in the middle of the phrase: what follows is composed with it.
        return None
    if number >= len(form):
        # The style changed in the middle of the tune: the new form is shorter.
        return None
    letter = form[number]
    source = form.lower().index(letter.lower())
    if source == number:
        return None
    begin = -sum(request.phrase_lengths[source:])
    length = request.phrase_lengths[source]
    notes = _between(request.history, begin, begin + length)
    if letter.islower():
        return Repeat(notes, length, whole=True)
    return (half or _half)(notes, length)


def closes(form: str, request: PhraseRequest) -> bool:
    """Return True if the tune ends with the requested phrase."""
    return not request.more and len(request.phrase_lengths) >= len(form) - 1


def letter(form: str, request: PhraseRequest) -> str:
    """Return the letter of the requested phrase; empty within a phrase and beyond the form."""
    number = len(request.phrase_lengths)
    return "" if request.begun or number >= len(form) else form[number]


def _between(history: tuple[Note, ...], begin: int, end: int) -> tuple[Note, ...]:
    return tuple(n.moved(-begin) for n in history if begin <= n.onset < end)


def _half(notes: tuple[Note, ...], length: int) -> Repeat | None:
    """Return the notes that end by the middle, up to the onset of the next note."""
    first_half = tuple(n for n in notes if n.end <= length // 2)
    if not first_half or len(first_half) == len(notes):
        return None
    # Up to the next note: a rest in the middle of the phrase is repeated too.
    return Repeat(first_half, notes[len(first_half)].onset, whole=False)
