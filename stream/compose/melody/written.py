"""The written tune behind the music that is played: each strain once, in the voice's key.

Conventions: a phrase has `PHRASE_BARS` bars; `request.history` is in the voice's register; times in
ticks, or in twelfths of a unit where it says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from stream.compose.melody import priming, vocabulary
from stream.compose.melody.outline import PHRASE_BARS, Outline
from stream.compose.melody.priming import BarPosition
from stream.compose.melody.vocabulary import PERIOD, Token
from stream.music.note import Note, PhraseRequest


def phrase_bar(outline: Outline, request: PhraseRequest) -> int:
    """Return the written bar at which the requested phrase begins.

    A phrase beyond the end of the outline, as after a change of style, follows its last one.
    """
    phrases, number = outline.phrases(), len(request.phrase_lengths)
    if number < len(phrases):
        return phrases[number]
    return outline.bars + PHRASE_BARS * (number - len(phrases))


def notes(outline: Outline, request: PhraseRequest) -> tuple[tuple[Note, ...], int]:
    """Return the written notes before the music that is requested, and their length in ticks.

    Their onsets are counted from the head of the written tune.
    """
    found: list[Note] = []
    length = 0
    for begin, ticks in _new_phrases(outline, request):
        found += [
            n.moved(length - begin) for n in request.history if begin <= n.onset < begin + ticks
        ]
        length += ticks
    return tuple(found), length


def _new_phrases(outline: Outline, request: PhraseRequest) -> Iterator[tuple[int, int]]:
    """Yield onset and length in ticks of each phrase of the written tune that has been played.

    If a phrase that comes again is left in its middle, the tune goes on from there: what follows it
    in the written tune is not yet played.
    """
    phrases = outline.phrases()
    until = phrase_bar(outline, request) if request.begun else outline.bars
    begins = accumulate(request.phrase_lengths, initial=-request.tune_ticks)
    for number, (begin, ticks) in enumerate(zip(begins, request.phrase_lengths, strict=False)):
        if number >= len(phrases) or (
            phrases.index(phrases[number]) == number and phrases[number] < until
        ):
            yield begin, ticks
    if request.begun:
        yield -request.begun, request.begun


def tokens(outline: Outline, request: PhraseRequest) -> list[Token]:
    """Return the events of the written tune before the music that is requested."""
    played, length = notes(outline, request)
    gap = position(outline, request).gap
    return vocabulary.encode(played, outline.unit, length + gap) if played else []


def position(outline: Outline, request: PhraseRequest) -> BarPosition:
    """Return the written position of the music that is requested."""
    _, ticks = notes(outline, request)
    return priming.next_position(ticks, outline.bar, outline.unit, request.begun)


def continues(outline: Outline, request: PhraseRequest, end: int) -> bool:
    """Return True if the state at `end`, in twelfths, is that of the written tune so far.

    It is not after a phrase that came again and was left in its middle.
    """
    _, ticks = notes(outline, request)
    bar = 12 * outline.bar
    return (end - ticks * 12 // outline.unit + bar) % PERIOD < 2 * bar
