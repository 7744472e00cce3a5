"""The chords of a tune that was drawn with them: its outline says which, and where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from stream.compose.companions.score import Notes
from stream.compose.melody.outline import Outline
from stream.compose.melody.written import phrase_bar
from stream.compose.polyphony.voicing import NO_CHORD, transposed, voiced
from stream.music.note import Note, Phrase, PhraseRequest
from stream.music.part import COMPANION_PARTS, HARMONY
from stream.music.scale import OCTAVE

VELOCITY = 70


def chords(outline: Outline, request: PhraseRequest, phrase: Phrase) -> Notes:
    """Return the chords of a phrase as voiced notes; none beyond the end of the outline."""
    begin = phrase_bar(outline, request) * outline.bar * outline.unit + request.begun
    found: list[Note] = []
    before: tuple[int, ...] = ()
    for chord, onset, end in _spans(outline):
        first, last = max(onset - begin, 0), min(end - begin, phrase.length)
        if chord == NO_CHORD or first >= last:
            continue
        before = voiced(transposed(chord, outline.key % OCTAVE), before)
        found += [
            Note(first, last - first, pitch, VELOCITY, COMPANION_PARTS[HARMONY]) for pitch in before
        ]
    return tuple(found)


def _spans(outline: Outline) -> Iterator[tuple[int, int, int]]:
    """Yield class, onset and end in ticks of each chord of the written tune."""
    ends = accumulate(length for _, length in outline.chords)
    for (chord, length), end in zip(outline.chords, ends, strict=True):
        yield chord, (end - length) * outline.unit, end * outline.unit
