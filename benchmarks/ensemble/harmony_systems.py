"""Systems that give a melody chords: the companion, a hidden Markov model, and chance.

Each returns the class of the chord in each sixteenth of a song, int64 [T].
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.ensemble.harmony_markov import Markov
from benchmarks.ensemble.harmony_tunes import absolute, beats_of_melody, key_of_song, phrases
from export.companions.harmony import Cut, piece_of
from export.companions.harmony_songs import Song
from stream.compose.companions import harmony_chords
from stream.compose.companions.companion import Companion
from stream.compose.companions.harmony_rules import scale_of
from stream.compose.companions.kind import FRAME
from stream.compose.forcing import outputs
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.voicing import pitch_classes
from stream.compose.step import Point
from stream.music.part import HARMONY

TRIADS = 25
"""Classes up to which chords are major and minor triads."""


def composed(
    companion: Companion, song: Song, seed: int, candidates: int, temperature: float = 1.0
) -> Ints:
    """Return the chords of the companion, phrase by phrase, each the choice of its rules."""
    found, past = [], ()
    for index, score in enumerate(phrases(song)):
        heard = tuple(n.moved(-score.past) for n in past)
        parts = {**score.parts, HARMONY: heard}
        choice = companion.compose(
            replace(score, parts=parts), (seed, index), candidates, temperature
        )
        notes = choice.parts[HARMONY]
        past = (*past, *(n.moved(score.past) for n in notes))
        found.append(harmony_chords.read(notes, 0, score.length // FRAME))
    return np.concatenate(found)


def viterbi(model: Markov, song: Song) -> Ints:
    """Return the likeliest chords of the hidden Markov model, which hears the whole tune."""
    return absolute(model.likeliest(beats_of_melody(song)), song)


def by_chance(song: Song, rate: float, rng: np.random.Generator) -> Ints:
    """Return random triads of the key that change as often in a bar, in beats."""
    scale = set(scale_of(key_of_song(song)))
    known = [c for c in range(1, TRIADS) if set(pitch_classes(c)) <= scale]
    step = song.beat // FRAME
    count = len(song.chords) // step
    change = rng.random(count) < rate * song.beat / song.bar
    change[0] = True
    drawn = rng.choice(known, int(change.sum()))
    return np.repeat(drawn[np.cumsum(change) - 1], step).astype(np.int64)


def bits_per_change(companion: Companion, song: Song) -> tuple[float, int]:
    """Return the bits of a real song's chords by the companion, and how often they change."""
    piece = piece_of(song, Cut(most=10**6))
    spec = companion.step.spec
    points = (
        Point(
            np.zeros((1, 0), np.float32), np.zeros((1, len(spec.tags)), np.float32),
            context=row[None],
        )
        for row in piece.context
    )  # fmt: skip
    forced = outputs(companion.step, companion.step.initial(), piece.frames, points)
    nats = -sum(float(out.log_prob[0]) for out in forced)
    return nats / np.log(2), int(piece.frames[:, 0].sum())
