"""The chords of a score as spans of time, and its bars and beats.

Chords are the notes of the part `harmony`: notes that begin together are a chord, which lasts until
its notes end or the next one begins. Two equal chords that touch are one span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.voicing import NO_CHORD, named, pitch_classes
from stream.music.note import Note
from stream.music.part import HARMONY
from stream.music.scale import OCTAVE


@dataclass(frozen=True, slots=True)
class Span:
    """One chord, from its first tick to the tick at which it ends."""

    begin: int
    end: int
    chord: int
    """Class of the chord as in `polyphony.voicing`; never NO_CHORD."""

    @property
    def root(self) -> int:
        """Pitch class of the root."""
        return (self.chord - 1) % OCTAVE

    @property
    def quality(self) -> int:
        """Number of the quality in `voicing.QUALITIES`."""
        return (self.chord - 1) // OCTAVE

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes of the chord, from the root up."""
        return pitch_classes(self.chord)


def chord_spans(score: Score, first: int = 0) -> tuple[Span, ...]:
    """Return the chords that sound at tick `first` or later, cut at it and at the phrase's end."""
    heard = [n for n in score.notes(HARMONY) if n.end > first and n.onset < score.length]
    groups = [tuple(g) for _, g in groupby(sorted(heard, key=_onset), key=_onset)]
    ends = [*(group[0].onset for group in groups[1:]), score.length]
    found: list[Span] = []
    for group, limit in zip(groups, ends, strict=False):
        _append(found, group, max(group[0].onset, first), limit)
    return tuple(found)


def _append(found: list[Span], group: Notes, begin: int, limit: int) -> None:
    """Append the chord of a group of notes; lengthen the last span if it is the same chord."""
    chord = named(note.pitch for note in group)
    end = min(max(note.end for note in group), limit)
    if chord == NO_CHORD or end <= begin:
        return
    if found and found[-1].chord == chord and found[-1].end == begin:
        found[-1] = Span(found[-1].begin, end, chord)
    else:
        found.append(Span(begin, end, chord))


def _onset(note: Note) -> int:
    return note.onset


def at(spans: Sequence[Span], tick: int) -> Span | None:
    """Return the chord at a tick; None between chords."""
    return next((span for span in spans if span.begin <= tick < span.end), None)


def bar_lines(score: Score) -> tuple[int, ...]:
    """Return the bar lines within the phrase, its end left out; they are counted from its end."""
    return tuple(range(score.length % score.bar, score.length, score.bar))


def beats(score: Score) -> tuple[int, ...]:
    """Return the beats of the phrase, counted in each bar; those of an upbeat from its end."""
    first = score.length % score.bar
    upbeat = range(first - score.beat, -1, -score.beat)
    bars = (range(bar, bar + score.bar, score.beat) for bar in bar_lines(score))
    return (*reversed(upbeat), *(beat for bar in bars for beat in bar))
