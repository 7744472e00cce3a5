"""The features of a tune that a taste is made of, measured in its notes.

Conventions: notes are those of one phrase, with onsets in ticks; times are in ticks (48 to the
quarter note). Of notes that begin together the highest counts. A feature of a tune is the mean over
its phrases, so that a tune and a candidate for one phrase are measured alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log2
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.music.note import TICKS_PER_BEAT, Note, Phrase
from stream.music.part import LEAD_PARTS

LEAP: Final = 5
"""Fewest semitones of a leap, a fourth."""
DIATONIC: Final = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
"""The pitch classes of C major; its twelve transpositions are all diatonic scales."""
SCALES: Final = np.array([np.roll(DIATONIC, shift) for shift in range(12)])
"""The diatonic scales [12, 12]."""
MOTIF: Final = 3
"""Steps of a motif: intervals with the times between their notes."""
NOTES: Final = (
    "leaps",
    "density",
    "range",
    "register",
    "chromatic",
    "syncopation",
    "rhythm",
    "repetition",
)
"""Features that are measured in the notes of a phrase."""
COMPOUND_BEAT: Final = 72
MINOR_MODES: Final = ("minor", "dorian", "phrygian", "aeolian", "locrian")

Features = dict[str, float]
"""Values by the name of the feature."""
Ints = NDArray[np.int64]


def of_tune(phrases: Sequence[Phrase]) -> Features:
    """Return the features of a tune; a tune without notes has only those of its plan."""
    rows = [of_notes(p.notes, p.length, beat_of(p.meter)) for p in phrases]
    found: Features = {
        name: float(np.mean([row[name] for row in rows if row])) for name in NOTES if any(rows)
    }
    if phrases:
        found |= of_plan(phrases[0])
    return found


def of_plan(phrase: Phrase) -> Features:
    """Return the features of a tune that are known before its notes."""
    return plan_features(phrase.bpm, phrase.key, phrase.meter, phrase.style)


def plan_features(bpm: float, key: str, meter: str, style: str) -> Features:
    """Return tempo, mode, meter and style as features; unknown ones are left out."""
    found = {"tempo": log2(bpm)} if bpm else {}
    if key:
        found["minor"] = float(key.partition(" ")[2] in MINOR_MODES)
    if meter:
        found["threes"] = float(int(meter.partition("/")[0]) % 3 == 0)
    weights = [part.partition(":") for part in style.split(",")]
    return found | {f"style:{name}": float(weight or 1.0) for name, _, weight in weights if name}


def of_notes(notes: Iterable[Note], length: int, beat: int = TICKS_PER_BEAT) -> Features:
    """Return the features of one phrase of `length` ticks; empty with fewer than two notes."""
    line = _highest(notes)
    if len(line) < 2:
        return {}
    pitch = np.array([n.pitch for n in line])
    onset = np.array([n.onset for n in line])
    steps = np.diff(pitch)
    times = np.diff(onset, append=max(length, onset[-1] + 1))
    ends = np.minimum([n.end for n in line], onset + times)
    values = (
        float((np.abs(steps) >= LEAP).mean()),
        len(line) * TICKS_PER_BEAT / max(length, 1),
        float(np.ptp(pitch)),
        float(pitch.mean()),
        1.0 - float((SCALES @ np.bincount(pitch % 12, minlength=12)).max()) / len(line),
        float(((onset % beat != 0) & (ends > (onset // beat + 1) * beat)).mean()),
        _entropy(times),
        _returning(list(zip(steps.tolist(), times[:-1].tolist(), strict=True))),
    )
    return dict(zip(NOTES, values, strict=True))


def beat_of(meter: str) -> int:
    """Return the ticks of a beat: three eighths in compound meters, else a quarter note."""
    over, _, under = meter.partition("/")
    return COMPOUND_BEAT if under == "8" and int(over) % 3 == 0 else TICKS_PER_BEAT


def _highest(notes: Iterable[Note]) -> list[Note]:
    """Return the highest of the lead's notes at each onset, by onset."""
    found: dict[int, Note] = {}
    for note in notes:
        known = found.get(note.onset)
        if note.channel < LEAD_PARTS and (known is None or note.pitch > known.pitch):
            found[note.onset] = note
    return [found[onset] for onset in sorted(found)]


def _entropy(values: Ints) -> float:
    """Return the entropy of the values in bits."""
    shares = np.unique(values, return_counts=True)[1] / len(values)
    return float(-(shares * np.log2(shares)).sum())


def _returning(steps: Sequence[tuple[int, int]]) -> float:
    """Return the share of motifs that occur more than once in the phrase."""
    motifs = Counter(tuple(steps[i : i + MOTIF]) for i in range(len(steps) - MOTIF + 1))
    total = sum(motifs.values())
    return sum(count for count in motifs.values() if count > 1) / total if total else 0.0
