"""Systems that give a melody chords: the companion, a hidden Markov model, and chance.

Each returns the class of the chord in each sixteenth of a song, int64 [T].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.ensemble.harmonic.markov import Markov
from benchmarks.ensemble.harmonic.tunes import absolute, beats_of_melody, key_of_song, phrases
from export.companions.harmony import Cut, piece_of
from export.companions.harmony_songs import Song
from stream.compose.companions.companion import Companion
from stream.compose.companions.harmonic import chords as harmony_chords
from stream.compose.companions.harmonic.rules import scale_of
from stream.compose.companions.harmonic.tonic import key_of
from stream.compose.companions.harmony import Harmony
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.filter.selection import Rules
from stream.compose.forcing import outputs
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.voicing import pitch_classes
from stream.compose.step import Point
from stream.music.note import Note
from stream.music.part import HARMONY


@dataclass(frozen=True, slots=True)
class Drawing(Harmony):
    """Harmony that keeps the candidates that it judged last."""

    kept: list[Ints] = field(default_factory=list)

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        self.kept[:] = candidates
        return Harmony.rules(self, candidates, score)


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


def likeliest(companion: Companion, song: Song, seed: int, candidates: int) -> Ints:
    """Return the commonest chord of each beat among candidates, each phrase after the last one."""
    found: list[Ints] = []
    for index, score in enumerate(phrases(song)):
        past = _voiced(np.concatenate(found), score.past) if found else ()
        heard = replace(score, parts={**score.parts, HARMONY: past})
        kind = Drawing()
        companion.kind = kind
        companion.compose(heard, (seed, index), candidates)
        chords = [harmony_chords.chords_of(frames, key_of(score)) for frames in kind.kept]
        found.append(_commonest(np.stack(chords), score))
    return np.concatenate(found)


def _commonest(chords: Ints, score: Score) -> Ints:
    """Return the chord that most candidates [K, T] have at the begin of each beat."""
    step = score.beat // FRAME
    columns = chords[:, ::step].T.tolist()
    return np.repeat([Counter(column).most_common(1)[0][0] for column in columns], step)


def _voiced(chords: Ints, ticks: int) -> tuple[Note, ...]:
    """Return the notes of chords [T] that end where a phrase begins, at `ticks`."""
    return tuple(
        Note(begin * FRAME - ticks, (end - begin) * FRAME, pitch)
        for begin, end, pitches in harmony_chords.struck(chords, np.arange(0), ())
        for pitch in pitches
    )


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
