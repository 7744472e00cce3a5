"""The form of a tune: which of its phrases come back, whole or with a new ending.

Half of a dance tune is heard twice; a melody without returns is a ramble. A voice knows the forms
of real tunes (`StyleSpec.forms`), a tune draws one of them, and this module finds the phrase that
is to be heard again among the notes played so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stream.music.note import Note, PhraseRequest


@dataclass(frozen=True, slots=True)
class Repeat:
    """Notes of this tune that are heard again at the head of the phrase to come."""

    notes: tuple[Note, ...]
    """Onsets in ticks from the head of the phrase."""
    length: int
    """Ticks."""
    whole: bool
    """Nothing is to follow in this phrase."""


Half = Callable[[tuple[Note, ...], int], Repeat | None]


def strain(form: str, request: PhraseRequest, half: Half | None = None) -> Repeat | None:
    """What the phrase repeats; None where all of it is new.

    `form` has a letter for each phrase. A letter that came before is that phrase again; a capital
    is the first half of the phrase with that letter, and a new ending. `half` takes the notes and
    the length of a phrase and gives its first half; without it that is a melody's.
    """
    number = len(request.strains)
    if request.begun:
        # A wish came in the middle of the phrase: what follows is its answer.
        return None
    if number >= len(form):
        # A wish for another style came in the middle of the tune: its form is shorter.
        return None
    letter = form[number]
    source = form.lower().index(letter.lower())
    if source == number:
        return None
    begin = -sum(request.strains[source:])
    length = request.strains[source]
    notes = _between(request.history, begin, begin + length)
    if letter.islower():
        return Repeat(notes, length, whole=True)
    return (half or _half)(notes, length)


def closes(form: str, request: PhraseRequest) -> bool:
    """Whether the tune ends with what is asked for."""
    return not request.more and len(request.strains) >= len(form) - 1


def _between(history: tuple[Note, ...], begin: int, end: int) -> tuple[Note, ...]:
    return tuple(n.moved(-begin) for n in history if begin <= n.onset < end)


def _half(notes: tuple[Note, ...], length: int) -> Repeat | None:
    """The notes that end by the middle, and where the next one begins."""
    kept = tuple(n for n in notes if n.end <= length // 2)
    if not kept or len(kept) == len(notes):
        return None
    # Up to the next note: a rest in the middle of the phrase is repeated too.
    return Repeat(kept, notes[len(kept)].onset, whole=False)
