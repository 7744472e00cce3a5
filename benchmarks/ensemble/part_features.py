"""Features of a bass line or of comping in one phrase, measured on its notes and the chords."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from statistics import fmean

from stream.compose.companions.accompaniment.chord_spans import at, bar_lines, chord_spans
from stream.compose.companions.accompaniment.comping_notes import clashes
from stream.compose.companions.score import Notes, Score
from stream.music.part import LEAD
from stream.music.scale import OCTAVE

Features = dict[str, float]
NONE = math.nan
LEAST_PHRASE = 2
"""Bars of a phrase below which bars are not compared."""


def bass_features(notes: Notes, score: Score) -> Features:
    """Return the features of a bass line; NaN where one has no value."""
    line = [note.pitch for note in notes]
    sizes = [abs(b - a) for a, b in pairwise(line)]
    wide = [size > 7 and size != OCTAVE for size in sizes]
    return {
        **rhythm_features(notes, score),
        "roots on downbeats": roots_on_downbeats(notes, score),
        "chord tones": chord_tones(notes, score),
        "leaps beyond a fifth": _share(wide),
        "repeated notes": _share([size == 0 for size in sizes]),
        "steps": _share([1 <= size <= 2 for size in sizes]),
        "range": float(max(line) - min(line)) if line else NONE,
        "mean pitch": fmean(line) if line else NONE,
    }


def comping_features(notes: Notes, score: Score) -> Features:
    """Return the features of comping; NaN where one has no value."""
    struck = _struck(notes)
    tops = [max(group) for group in struck.values()]
    lead = [note for note in score.notes(LEAD) if note.end > 0]
    busy = {note.onset // 12 for note in lead}
    free = [onset // 12 not in busy for onset in struck]
    bars = score.length / score.bar
    return {
        **rhythm_features(notes, score),
        "chord tones": chord_tones(notes, score),
        "notes a stroke": len(notes) / len(struck) if struck else NONE,
        "motion of the top": fmean(abs(b - a) for a, b in pairwise(tops)) if tops[1:] else NONE,
        "strokes between lead notes": _share(free),
        "clashes a bar": sum(clashes(note, tuple(lead), score.beat) for note in notes) / bars,
        "mean pitch": fmean(note.pitch for note in notes) if notes else NONE,
        "lowest pitch": float(min((note.pitch for note in notes), default=0)) or NONE,
    }


def rhythm_features(notes: Notes, score: Score) -> Features:
    """Return what rhythms of both parts are measured by."""
    onsets = sorted({note.onset for note in notes})
    places = [(onset - score.length) % score.bar for onset in onsets]
    sounding = {t for n in notes for t in range(n.onset // 12, -(-n.end // 12))}
    return {
        "onsets a bar": len(onsets) * score.bar / score.length,
        "rhythm entropy": _entropy(places),
        "off the beat": _share([place % score.beat != 0 for place in places]),
        "likeness of bars": _likeness(onsets, score),
        "silence": 1 - len(sounding) * 12 / score.length,
        "note length": fmean(note.duration for note in notes) / score.beat if notes else NONE,
    }


def roots_on_downbeats(notes: Notes, score: Score) -> float:
    """Return the share of bars that begin with a note in which it is the root of the chord."""
    spans, found = chord_spans(score), []
    starts = {note.onset: note.pitch for note in notes}
    for line in bar_lines(score):
        span = at(spans, line)
        if span and line in starts:
            found.append((starts[line] - span.root) % OCTAVE == 0)
    return _share(found)


def chord_tones(notes: Notes, score: Score) -> float:
    """Return the share of notes that belong to the chord at their onset."""
    spans = chord_spans(score)
    heard = [(note, at(spans, note.onset)) for note in notes]
    return _share([note.pitch % OCTAVE in span.tones for note, span in heard if span])


def _struck(notes: Notes) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for note in sorted(notes, key=lambda note: note.onset):
        found.setdefault(note.onset, []).append(note.pitch)
    return found


def _likeness(onsets: list[int], score: Score) -> float:
    """Return the mean share of onsets that neighboring bars have in common."""
    first = score.length % score.bar
    bars = [
        {onset - line for onset in onsets if line <= onset < line + score.bar}
        for line in range(first, score.length, score.bar)
    ]
    shares = [len(a & b) / len(a | b) for a, b in pairwise(bars) if a | b]
    return fmean(shares) if len(bars) >= LEAST_PHRASE and shares else NONE


def _entropy(places: list[int]) -> float:
    """Return the entropy of the places in the bar at which notes begin, in bits."""
    counts = Counter(places).values()
    total = sum(counts)
    return -sum(c / total * math.log2(c / total) for c in counts) if total else NONE


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else NONE
