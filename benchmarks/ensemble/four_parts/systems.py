"""Settings in four parts of given sopranos: composed, real, and controls that must lose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.ensemble.four_parts.features import Excerpt, excerpt
from export.companions.four_parts.song import Song
from stream.compose.companions.companion import Companion
from stream.compose.companions.four_parts.frames import ORDER, RANGES
from stream.compose.companions.four_parts.reference import reference
from stream.compose.companions.score import Notes, Score
from stream.music.note import Note
from stream.music.part import ALTO, BASS, LEAD, TENOR
from stream.music.scale import OCTAVE

LOWER = (ALTO, TENOR, BASS)
TRIADS = ((0, 4, 7), (2, 5, 9), (4, 7, 11), (5, 9, 0), (7, 11, 2), (9, 0, 4))
"""Pitch classes of the triads of the major scale, but the diminished one."""
Setting = Callable[[Score, np.random.Generator], dict[str, Notes]]


def composed(companion: Companion, song: Song, seed: int, candidates: int) -> list[Score]:
    """Return the phrases of a song with parts of the companion, each primed by the one before."""
    parts: dict[str, list[Note]] = {role: [] for role in ORDER}
    found, edges = [], song.edges(4)
    for index, (begin, end) in enumerate(pairwise(edges)):
        score = song.phrase(begin, end)
        lengths = tuple(b - a for a, b in pairwise(edges[: index + 1]))
        past = {role: tuple(n.moved(-begin) for n in notes) for role, notes in parts.items()}
        score = dataclasses.replace(
            score, parts={LEAD: score.notes(LEAD), **past}, past=sum(lengths),
            phrase_lengths=lengths,
        )  # fmt: skip
        choice = companion.compose(score, (seed, index), candidates)
        whole = {role: (*past[role], *choice.parts[role]) for role in ORDER}
        found.append(dataclasses.replace(score, parts={LEAD: score.notes(LEAD), **whole}))
        for role in ORDER:
            parts[role] += [n.moved(begin) for n in choice.parts[role]]
    return found


def excerpts(songs: Sequence[Song], scores: Callable[[Song], list[Score]]) -> list[Excerpt]:
    """Return the phrases of all songs, as `scores` sets them."""
    return [excerpt(score, song.group) for song in songs for score in scores(song)]


def controlled(song: Song, setting: Setting, seed: int) -> list[Score]:
    """Return the phrases of a song with parts of a control."""
    rng = np.random.default_rng(seed)
    return [
        dataclasses.replace(score, parts={LEAD: score.notes(LEAD), **setting(score, rng)})
        for score in song.scores()
    ]


def shuffled(score: Score, rng: np.random.Generator) -> dict[str, Notes]:
    """Permute the pitches of each part in time; rhythms stay."""
    found = {}
    for role in LOWER:
        notes = [n for n in score.notes(role) if n.onset >= 0]
        order = rng.permutation(len(notes))
        found[role] = tuple(
            dataclasses.replace(n, pitch=notes[k].pitch) for n, k in zip(notes, order, strict=True)
        )
    return found


def nearest_tones(score: Score, rng: np.random.Generator) -> dict[str, Notes]:
    """Give each beat a triad of the key at random that holds the soprano, in the nearest tones."""
    zero, before = reference(score), {role: sum(RANGES[role]) // 2 for role in LOWER}
    found: dict[str, list[Note]] = {role: [] for role in LOWER}
    lead = score.notes(LEAD)
    for onset in range(score.length % score.beat, score.length, score.beat):
        pitch = next((n.pitch for n in lead if n.onset <= onset < n.end), None)
        if pitch is None:
            continue
        fitting = [t for t in TRIADS if (pitch - zero) % OCTAVE in t] or list(TRIADS)
        triad = fitting[int(rng.integers(len(fitting)))]
        tones = {(zero + step) % OCTAVE for step in triad}
        root = (zero + triad[0]) % OCTAVE
        for role in LOWER:
            low, high = RANGES[role]
            possible = [
                p
                for p in range(low, high + 1)
                if (p % OCTAVE == root if role == BASS else p % OCTAVE in tones)
            ]
            before[role] = min(possible, key=lambda p: (abs(p - before[role]), p))
            found[role].append(Note(onset, score.beat, before[role]))
    return {role: tuple(notes) for role, notes in found.items()}
