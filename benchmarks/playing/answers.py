"""Answers to calls from the second half of what a person plays, with and without the first half.

They are judged by a model of the person that has counted the second half, which the composer has
not heard but for the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.playing.session_bits import Playing
from stream.compose.composer import Composer
from stream.compose.melody import vocabulary
from stream.compose.melody.person import ORDER, Person
from stream.music.call import Call, Calls
from stream.music.note import Controls, Note
from stream.music.stream_position import StreamPosition

UNIT = 24
"""Ticks of a unit in which calls are played: an eighth."""
CALL = 16
"""Events of a call."""
SEEDS = 2
"""Answers to each call."""
WITH, WITHOUT, OTHER = "first half known", "call alone", "another person's first half known"


def answered(
    composer: Composer, playings: Sequence[Playing], style: str
) -> dict[str, list[tuple[float, float]]]:
    """Return how strange each answer is (bits a note), and how far its register (semitones)."""
    found: dict[str, list[tuple[float, float]]] = {WITH: [], WITHOUT: [], OTHER: []}
    away = len(playings) // 2
    for i, playing in enumerate(playings):
        if len(playing.melody.tokens) - playing.half < 3 * CALL:
            continue
        other = playings[(i + away) % len(playings)]
        call = played(playing, playing.half, playing.half + CALL)
        calls = {
            WITH: after(playing, call),
            WITHOUT: Call(call, -call[0].onset),
            OTHER: after(other, call),
        }
        later = Person(playing.events(playing.half + CALL))
        heights = [n.pitch for n in played(playing, playing.half + CALL, None)]
        for name, each in calls.items():
            for seed in range(SEEDS):
                notes = answer(composer, each, style, seed)
                bits, mean = strangeness(later, notes), np.mean([n.pitch for n in notes])
                found[name].append((bits, abs(float(mean - np.mean(heights)))))
    return found


def answer(composer: Composer, call: Call, style: str, seed: int) -> tuple[Note, ...]:
    """Return the phrase with which the composer responds."""
    controls = Controls(style=(((style, 1.0),),), ensemble="solo")
    position = StreamPosition(seed, controls, index=8, tune=2).responding(call)
    return composer.compose(position.request).notes


def after(playing: Playing, call: tuple[Note, ...]) -> Call:
    """Return a call after the first half of a performance, in calls of the same size."""
    calls = Calls()
    for begin, end in pairwise(range(0, playing.half + 1, CALL)):
        notes = played(playing, begin, end)
        if notes:
            calls.add(notes, -notes[0].onset, 0.0)
    return calls.add(call, -call[0].onset, 0.0)


def played(playing: Playing, begin: int, end: int | None) -> tuple[Note, ...]:
    """Return events as notes that end at tick 0."""
    notes, length = vocabulary.decode(playing.events(begin, end), UNIT)
    return tuple(note.moved(-length) for note in notes)


def strangeness(person: Person, notes: Sequence[Note]) -> float:
    """Return the bits a note of an answer under the model of a person."""
    events = vocabulary.encode(notes, UNIT)
    return -float(
        np.mean(
            [
                np.log2(person.probability(events[max(i - ORDER, 0) : i], event))
                for i, event in enumerate(events)
            ]
        )
    )
