"""Explains a performance: each rule of expression, and how much it changes in a phrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.note import TENTHS
from stream.play.expression.passage import DRUM_PART, KICKS, Passage
from stream.play.expression.perform import ARTICULATION, LEVEL, TIMING
from stream.play.expression.swing import EIGHTH, swing_by_tempo

if TYPE_CHECKING:
    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Controls, Phrase


@dataclass(frozen=True, slots=True)
class Contribution:
    """The most that a rule changes in a phrase."""

    rule: str
    milliseconds: float = 0.0
    """Largest change of an onset or an end."""
    decibels: float = 0.0
    """Largest change of a level."""


def contributions(
    source: Phrase, controls: Controls, ensemble: Ensemble
) -> tuple[Contribution, ...]:
    """Return what each rule contributes to the performance of a phrase by an ensemble."""
    passage, depth = Passage(source, controls.tempo(source)), controls.expression
    pitched = [note for note in source.notes if note.channel != DRUM_PART]
    drums = [note for note in source.notes if note.channel == DRUM_PART]
    basses = {note.onset for note in pitched if note.channel in passage.bass_parts}
    tenths = {"swing by tempo": EIGHTH * swing_by_tempo(ensemble, controls, passage.bpm)}
    for name, rule in TIMING.items():
        moved = rule(passage)
        tenths[name] = depth * max((abs(moved(note.onset)) for note in pitched), default=0.0)
    for name, pause_of in ARTICULATION.items():
        pause = pause_of(passage)
        tenths[name] = depth * max(map(pause, passage.melody), default=0.0)
    tenths["learnt timing of drums"] = depth * max((abs(n.offset) for n in drums), default=0)
    met = [abs(n.offset) for n in drums if n.pitch in KICKS and n.onset in basses]
    tenths["bass with kick"] = depth * max(met, default=0)
    decibels = {
        name: depth * max(map(abs, map(rule(passage), pitched)), default=0.0)
        for name, rule in LEVEL.items()
    }
    return tuple(
        Contribution(
            name,
            passage.milliseconds(tenths.get(name, 0.0) / TENTHS),
            decibels.get(name, 0.0),
        )
        for name in (tenths | decibels)
    )
