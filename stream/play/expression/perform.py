"""Performs a composed phrase: each note's onset, end and velocity by the rules of expression.

Pure and fast: it runs whenever a control is moved. Depth is the control `expression`: 0 plays the
grid and the composed velocities, 1 the parameters of the rules, 2 twice as much. A phrase without
an ensemble is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stream.music.note import TENTHS, Note
from stream.play.expression import articulation, level, timing
from stream.play.expression.passage import DRUM_PART, KICKS, MELODY_PART, Passage
from stream.play.expression.swing import swing_by_tempo, swung

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Controls, Phrase

TIMING: Final[Mapping[str, Callable[[Passage], timing.Displacement]]] = {
    "phrase arch": timing.phrase_arch,
    "final ritard": timing.final_ritard,
    "duration contrast": timing.duration_contrast,
}
LEVEL: Final[Mapping[str, Callable[[Passage], level.Level]]] = {
    "phrase arch": level.phrase_arch,
    "high loud": level.high_loud,
    "duration contrast": level.duration_contrast,
    "metrical accent": level.metrical_accent,
}
ARTICULATION: Final[Mapping[str, Callable[[Passage], articulation.Pause]]] = {
    "punctuation": articulation.punctuation,
    "repetition": articulation.repetition,
}
FOR_DRUMS: Final = frozenset({"phrase arch", "final ritard"})
"""Rules of timing that drums follow; all others are for pitched parts."""
MOST_OFFSET: Final = 480
"""Largest offset in tenths of a tick: a quarter note."""
SHORTEST: Final = TENTHS
"""Least performed length of a note in tenths of a tick."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The performance of one note; times in tenths of a tick from the start of the phrase."""

    onset: int
    end: int
    decibels: float = 0.0
    """Change of its level."""


def performed(source: Phrase, controls: Controls, ensemble: Ensemble) -> list[Touch]:
    """Return the performance of each note of a phrase by an ensemble, with swing."""
    if not controls.expression:
        place = swung(source, controls.swing)
        ends = ((note.onset * TENTHS, note.end * TENTHS) for note in source.notes)
        return [Touch(place(onset), place(end)) for onset, end in ends]
    passage = Passage(source, controls.tempo(source))
    places = _Places(passage, controls, ensemble)
    levels = _levels(passage, controls.expression)
    pauses = [rule(passage) for rule in ARTICULATION.values()]
    kicks: dict[int, int] = {}
    touches = []
    for note, decibels in zip(source.notes, levels, strict=True):
        if note.channel == DRUM_PART:
            touch = places.drum(note)
            if note.pitch in KICKS:
                kicks[note.onset] = touch.onset
        else:
            pause = 0.0
            if note.channel == MELODY_PART:
                pause = controls.expression * max(rule(note) for rule in pauses)
            onset, end = places.pitched(note.onset), places.pitched(note.end) - round(pause)
            touch = Touch(onset, max(end, onset + SHORTEST), decibels)
        touches.append(touch)
    return _with_kicks(passage, touches, kicks)


class _Places:
    """Places of ticks in tenths, remembered, as many notes share them."""

    def __init__(self, passage: Passage, controls: Controls, ensemble: Ensemble) -> None:
        self._depth = controls.expression
        by_tempo = swing_by_tempo(ensemble, controls, passage.bpm)
        self._swung = swung(passage.source, by_tempo or controls.swing)
        # Drummers swing by their learnt offsets, unless the listener sets the swing.
        self._straight = swung(passage.source, controls.swing)
        rules = {name: rule(passage) for name, rule in TIMING.items()}
        self._for_all = [rule for name, rule in rules.items() if name in FOR_DRUMS]
        self._for_pitched = list(rules.values())
        self._pitched: dict[int, int] = {}

    def pitched(self, tick: int) -> int:
        """Return the place of a tick for the pitched parts."""
        found = self._pitched.get(tick)
        if found is None:
            moved = self._depth * sum(rule(tick) for rule in self._for_pitched)
            # The swing comes last, so that order is kept however much it compresses.
            found = self._pitched[tick] = self._swung(tick * TENTHS + round(moved))
        return found

    def drum(self, note: Note) -> Touch:
        """Return the performance of a drum's note."""
        moved = self._depth * sum(rule(note.onset) for rule in self._for_all)
        onset = self._straight(note.onset * TENTHS + round(moved))
        onset += round(self._depth * note.offset)
        return Touch(onset, onset + max(note.duration * TENTHS, SHORTEST))


def _levels(passage: Passage, depth: float) -> list[float]:
    """Return each note's change in decibels; the mean of each part is 0, and drums have none."""
    rules = [rule(passage) for rule in LEVEL.values()]
    notes = passage.source.notes
    levels = [
        0.0 if note.channel == DRUM_PART else depth * sum([rule(note) for rule in rules])
        for note in notes
    ]
    found: dict[int, list[float]] = {}
    for note, each in zip(notes, levels, strict=True):
        found.setdefault(note.channel, []).append(each)
    means = {part: sum(each) / len(each) for part, each in found.items()}
    return [each - means[note.channel] for note, each in zip(notes, levels, strict=True)]


def _with_kicks(
    passage: Passage, touches: Sequence[Touch], kicks: Mapping[int, int]
) -> list[Touch]:
    """Return the touches, with each note of a bass at the place of the kick on the same tick."""
    if not kicks:
        return list(touches)
    basses = passage.bass_parts
    return [
        Touch(kicks[note.onset], max(touch.end, kicks[note.onset] + SHORTEST), touch.decibels)
        if note.channel in basses and note.onset in kicks
        else touch
        for note, touch in zip(passage.source.notes, touches, strict=True)
    ]
