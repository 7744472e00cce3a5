"""Tunes whose chords are measured: songs of the corpora, and melodies that a voice composes.

Conventions: chords int64 [T] are classes of `stream.compose.polyphony.voicing`, one a sixteenth;
those of `Beats` are relative to a tonic, without the class for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.tunes import Tune, played
from export.companions.harmony import BARS, Cut, scores
from export.companions.harmony_songs import Song
from stream.compose.companions.harmonic import chords as harmony_chords
from stream.compose.companions.harmonic.context import grid_of, heard
from stream.compose.companions.harmonic.tonic import Key, key_of_notes
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.composer import Composer
from stream.compose.polyphony.frames import Ints
from stream.config.style_syntax import parse_style
from stream.music.note import Controls
from stream.music.part import LEAD

OCTAVE = 12
COMPOUND = 24
"""Ticks in a unit of the compound meters."""
ALONE = "solo"
"""Ensemble in which a voice composes melodies: the lead alone."""
WHOLE = 10**6
"""More bars than any song has."""


@dataclass(frozen=True, slots=True)
class Beats:
    """A tune by beats, relative to its tonic."""

    chords: Ints
    """Chord of each beat [n], 12 q + semitones from the tonic to the root."""
    heard: NDArray[np.float64]
    """Share of each beat in which each pitch class of the melody sounds [n, 12]."""


def phrases(song: Song) -> Iterator[Score]:
    """Yield the score of each phrase of a song, of four bars."""
    for score, _ in scores(song, Cut(most=WHOLE, first=BARS)):
        yield score


def whole(song: Song) -> Score:
    """Return the song as one phrase."""
    return Score(
        {LEAD: song.notes}, song.length, song.bar, song.beat, closing=True, tune_style=song.style
    )


def key_of_song(song: Song) -> Key:
    """Return the key of a song's whole melody."""
    return key_of_notes(song.notes, closing=True)


def by_beat(song: Song) -> Ints:
    """Return the chords of a song [T], which change at beats only."""
    found: Ints = harmony_chords.by_beat(song.chords, grid_of(whole(song), 0), 0)
    return found


def beats_of_melody(song: Song) -> NDArray[np.float64]:
    """Return the share of each beat in which each pitch class above the tonic sounds [n, 12]."""
    step, score = song.beat // FRAME, whole(song)
    time = heard(score, grid_of(score, 0), key_of_song(song)).astype(np.float64)
    return time.reshape(-1, step, OCTAVE).mean(1)


def beats(song: Song) -> Beats:
    """Return a song by beats; silence before the first chord counts as that chord."""
    key, shares = key_of_song(song), beats_of_melody(song)
    chords = by_beat(song)[:: song.beat // FRAME]
    chords = np.where(chords == 0, chords[chords > 0][0], chords) - 1
    quality, root = np.divmod(chords, OCTAVE)
    return Beats(quality * OCTAVE + (root - key.tonic) % OCTAVE, shares)


def absolute(chords: Ints, song: Song) -> Ints:
    """Return chords by beat [n], relative to a song's tonic, as classes of its frames [T]."""
    quality, root = np.divmod(chords, OCTAVE)
    classes = 1 + quality * OCTAVE + (root + key_of_song(song).tonic) % OCTAVE
    found: Ints = np.repeat(classes, song.beat // FRAME)
    return found


def composed(voice: Path, style: str, seed: int, count: int) -> list[Song]:
    """Return melodies of a voice in a style, whole tunes, without chords."""
    found = []
    for tune in played(Composer(voice), seed, Controls(style=parse_style(style), ensemble=ALONE)):
        song = _song(tune, style)
        if song is not None:
            found.append(song)
        if len(found) == count:
            return found
    return found


def _song(tune: Tune, style: str) -> Song | None:
    bar = tune.phrases[0].bar
    beat = 72 if tune.unit == COMPOUND and bar % 72 == 0 else 48
    late = -tune.begins[-1] % bar
    notes = tuple(replace(note, channel=0).moved(late) for note in tune.notes)
    length = tune.begins[-1] + late
    chords = np.zeros(length // FRAME, np.int64)
    return Song(notes, chords, bar, beat, style, "made") if notes else None
