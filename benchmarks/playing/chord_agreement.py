"""The guess at the chord of each next bar of annotated solos, from the notes until then.

Agreement is the share of the time of the bars, from the second one on, in which the annotated chord
has the root and the quality class (major, minor, dominant, diminished) that was guessed for its
bar. Nothing of the bar itself is known, nor in one reading the last beat before it: the time in
which the band composes.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from export.companions.chord_guess import NONE, by_bar, longest
from export.companions.harmony_songs import Song
from stream.compose.companions.following import chord_guess
from stream.compose.companions.following.chord_guess import ChordGuess
from stream.compose.companions.harmonic.tonic import key_of_notes
from stream.music.note import Note

NEXT, KEPT, ALONE = "guess", "same chord as the last bar", "last bar's notes alone"
TONIC, ANNOTATED = "tonic always", "annotated chord of the last bar kept"
OTHER = "guess from another solo"
SYSTEMS = (NEXT, KEPT, ALONE, TONIC, OTHER, ANNOTATED)
DRAWS = 2000

Ints = NDArray[np.int64]


def hits(songs: Sequence[Song], unheard: int = 0) -> dict[str, Ints]:
    """Return the frames [songs] in agreement by system; those of all chords under an empty name.

    The last `unheard` ticks of each bar are not heard before the next bar is guessed.
    """
    model = ChordGuess()
    guessed = [guesses(model, song, unheard) for song in songs]
    found: dict[str, list[int]] = {name: [] for name in ("", *SYSTEMS)}
    away = max(len(songs) // 2, 1)
    for i, song in enumerate(songs):
        rows = by_bar(song)[1:]
        other = guessed[(i + away) % len(songs)][NEXT]
        systems = {**guessed[i], OTHER: [other[b % len(other)] for b in range(len(rows))]}
        found[""].append(int((rows != NONE).sum()))
        for name, chords in systems.items():
            found[name].append(int((rows == np.array(chords)[:, None]).sum()))
    return {name: np.array(values) for name, values in found.items()}


def guesses(model: ChordGuess, song: Song, unheard: int) -> dict[str, list[int]]:
    """Return the chords that each system expects of the bars of a song but the first."""
    rows = by_bar(song)
    bars = len(rows)
    heard = [note.moved(-bars * song.bar) for note in song.notes]
    weighted = chord_guess.weights(heard, song.bar, bars)
    known = chord_guess.weights(_cut(heard, song.bar, unheard), song.bar, bars)
    found: dict[str, list[int]] = {name: [] for name in (NEXT, KEPT, ALONE, TONIC, ANNOTATED)}
    guess = model.guess(weighted[:0])
    for bar in range(bars - 1):
        partial = copy.deepcopy(guess)
        partial.hear(model.likely(known[bar]))
        guess.hear(model.likely(weighted[bar]))
        played = [note for note in heard if note.onset < (bar + 1 - bars) * song.bar]
        key = key_of_notes(played, closing=False)
        found[NEXT].append(int(partial.ahead(0).argmax()))
        found[KEPT].append(int(partial.current.argmax()))
        found[ALONE].append(int(model.likely(known[bar]).argmax()))
        found[TONIC].append(key.tonic + 12 * key.minor)
        found[ANNOTATED].append(longest(rows[bar]))
    return found


def _cut(notes: Sequence[Note], bar: int, unheard: int) -> list[Note]:
    """Return the notes without what lies in the last ticks of a bar."""
    found = []
    for note in notes:
        end = note.onset // bar * bar + bar - unheard
        if note.onset < end:
            found.append(note.until(min(note.end, end)))
    return found


def gain(ours: Ints, theirs: Ints, frames: Ints) -> tuple[float, float, float]:
    """Return the points by which a share is higher, and the 95 % interval over songs."""
    drawn = np.random.default_rng(0).integers(len(frames), size=(DRAWS, len(frames)))
    points = 100 * (ours - theirs)[drawn].sum(1) / frames[drawn].sum(1)
    low, high = np.percentile(points, (2.5, 97.5))
    return float(100 * (ours - theirs).sum() / frames.sum()), float(low), float(high)
