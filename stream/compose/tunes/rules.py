"""The normalization of paper 002 (section 2), as named rules.

A rule takes a tune and returns it changed, or None to drop it. `normalize` applies them in order
and counts the tunes that each of them dropped. Choices that the paper leaves open are stated at the
rule.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median_low

import numpy as np

from stream.compose.companions.harmonic.tonic import key_of_notes
from stream.compose.melody import vocabulary
from stream.compose.polyphony.voicing import transposed
from stream.compose.tunes.tune import Melody, Tune
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.scale import OCTAVE

MIN_NOTES = 16
TOLERANCE = 0.12
"""Largest relative deviation of a duration from one of the eleven multiples."""
SWUNG = (0, 12, 16, 24, 32, 36, 48)
"""Sixteenths and triplet eighths of a beat, in ticks: the grid for human timing."""

Rule = Callable[[Tune], Tune | None]


def downbeat(tune: Tune) -> Tune | None:
    """Start at the first bar line, so that position 0 is a strong beat; drop tunes too short."""
    late = -tune.downbeat
    notes = [n.moved(late) for n in tune.notes if n.onset >= tune.downbeat]
    chords = tuple((onset + late, chord) for onset, chord in tune.chords)
    trimmed = dataclasses.replace(tune, notes=tuple(notes), downbeat=0, chords=chords)
    return trimmed if len(notes) >= MIN_NOTES else None


def legato(tune: Tune) -> Tune:
    """Close gaps shorter than a sixteenth, which are articulation, not rests."""
    notes = list(tune.notes)
    for i, (a, b) in enumerate(pairwise(tune.notes)):
        if 0 < b.onset - a.onset - a.duration < 12:
            notes[i] = a.until(b.onset)
    return dataclasses.replace(tune, notes=tuple(notes))


def on_grid(tune: Tune) -> Tune:
    """Quantize human timing to the nearest sixteenth or triplet; leave written music unchanged."""
    straight = sum(n.onset % 6 == 0 or n.onset % 8 == 0 for n in tune.notes)
    if straight >= 0.95 * len(tune.notes):
        return tune
    snapped = {_snap(n.onset): (n.pitch, _snap(n.end)) for n in tune.notes}
    onsets = sorted(snapped)
    notes = []
    for onset, following in zip(onsets, [*onsets[1:], onsets[-1] + 10_000], strict=True):
        pitch, end = snapped[onset]
        notes.append(Note(onset, max(min(end, following) - onset, 4), pitch))
    return dataclasses.replace(tune, notes=tuple(notes))


def _snap(tick: int) -> int:
    beat, rest = divmod(tick, 48)
    return beat * 48 + min(SWUNG, key=lambda g: abs(g - rest))


def median_octave(tune: Tune) -> Tune | None:
    """Shift by octaves until the median pitch is in MIDI 60-71; drop tunes that leave 24-107."""
    shift = 12 * (5 - median_low(n.pitch for n in tune.notes) // 12)
    notes = tuple(n.transposed(shift) for n in tune.notes)
    if any(not 24 <= n.pitch <= 107 for n in notes):
        return None
    return dataclasses.replace(tune, notes=notes)


def in_c(tune: Tune) -> Tune:
    """Move the tonic to C, and name the mode where the corpus does not.

    An unknown tonic is estimated from the notes.
    """
    tonic = key_of_notes(tune.notes, closing=True).tonic if tune.tonic < 0 else tune.tonic
    notes = tuple(n.transposed(-tonic) for n in tune.notes)
    thirds = [sum(n.duration for n in notes if n.pitch % OCTAVE == third) for third in (3, 4)]
    chords = tuple(
        (onset, transposed(chord, -tonic)) for onset, chord in tune.chords
    )  # fmt: skip
    mode = tune.mode or ("minor" if thirds[0] > thirds[1] else "major")
    return dataclasses.replace(tune, notes=notes, mode=mode, tonic=0, chords=chords)


def median_multiples(tune: Tune) -> Tune | None:
    """Drop a tune with over 5 % of durations that are not a simple multiple of the median one."""
    return tune if odd_durations(tune) <= 0.05 else None


def odd_durations(tune: Tune) -> float:
    """Return the share of durations that are not a simple multiple of the unit."""
    unit = unit_of(tune)
    return sum(_multiple(n.duration, unit) is None for n in tune.notes) / len(tune.notes)


def barred(tune: Tune) -> Tune | None:
    """Drop a tune whose bars are unknown or not whole numbers of units."""
    return tune if tune.bar and tune.bar % unit_of(tune) == 0 else None


def eighths(tune: Tune) -> Tune:
    """Count a tune in eighths where its median duration does not divide the bar.

    So is every performance: its median changes with the player's double time.
    """
    eighth = TICKS_PER_BEAT // 2
    odd = tune.tempo or (tune.bar % unit_of(tune) and not tune.bar % eighth)
    return dataclasses.replace(tune, unit=eighth) if odd else tune


def multiples(tune: Tune) -> Tune | None:
    """Drop a tune with over 15 % of durations that are not a simple multiple of the unit.

    Their rounding errors are carried to the next note, so that every bar stays complete.
    """
    return tune if odd_durations(tune) <= 0.15 else None


def eleven_values(tune: Tune) -> Tune | None:
    """Drop a tune with more than eleven distinct durations, as multiples of the median."""
    unit = unit_of(tune)
    values = {_multiple(n.duration, unit) or n.duration / unit for n in tune.notes}
    return tune if len(values) <= 11 else None


def entropy_floor(tune: Tune) -> Tune | None:
    """Drop monotonous tunes: pitch-class entropy under 1 bit, or under 0.5 bit in any 32 notes.

    H = -sum_c p(c) log2 p(c), in windows every 8 notes.
    """
    pitch_class = np.array([n.pitch % 12 for n in tune.notes])
    windows = [pitch_class[i : i + 32] for i in range(0, max(len(pitch_class) - 31, 1), 8)]
    dull = _entropy(pitch_class) < 1.0 or min(map(_entropy, windows)) < 0.5
    return None if dull else tune


RULES: tuple[tuple[str, Rule], ...] = tuple(
    (rule.__name__, rule)
    for rule in (
        downbeat,
        legato,
        on_grid,
        median_octave,
        median_multiples,
        eleven_values,
        entropy_floor,
    )
)

IN_C: tuple[tuple[str, Rule], ...] = tuple(
    (rule.__name__, rule)
    for rule in (
        downbeat,
        legato,
        on_grid,
        in_c,
        median_octave,
        eighths,
        barred,
        multiples,
        entropy_floor,
    )
)
"""Rules that give tunes with the tonic C."""


def normalize(
    tunes: Iterable[Tune], rules: Iterable[tuple[str, Rule]] = RULES
) -> tuple[list[Melody], Counter[str]]:
    """Return the melodies that pass every rule, and the number of tunes that each rule dropped."""
    named = tuple(rules)
    dropped = Counter({name: 0 for name, _ in named})
    melodies = []
    for tune in tunes:
        current: Tune | None = tune
        for name, rule in named:
            current = rule(current) if current else None
            if current is None:
                dropped[name] += 1
                break
        if current is not None:
            melodies.append(to_melody(current, tune))
    return melodies, dropped


def to_melody(tune: Tune, written: Tune | None = None) -> Melody:
    """Return a tune that has passed the rules as tokens; `written` is the tune before."""
    unit = unit_of(tune)
    tokens = vocabulary.encode(tune.notes, unit)
    bar, rest = divmod(tune.bar, unit) if tune.bar else (0, 0)
    return Melody(
        tokens=np.array(tokens, np.uint8).reshape(-1, 3),
        title=tune.title,
        style=tune.style,
        group=tune.group,
        unit=unit,
        bar=0 if rest else bar,
        mode=tune.mode,
        split=tune.split,
        key=0 if written is None else _moved(tune, written),
        meter=tune.meter,
        kind=tune.kind,
        tempo=tune.tempo,
        chords=tuple((onset * 12 // unit, chord) for onset, chord in tune.chords),
    )


def _moved(tune: Tune, written: Tune) -> int:
    """Return the semitones from a tune that has passed the rules to the written one."""
    return written.notes[-1].pitch - tune.notes[-1].pitch


def unit_of(tune: Tune) -> int:
    """Return the unit in ticks: by default the median duration (an observed value, at least 1)."""
    return tune.unit or max(median_low(n.duration for n in tune.notes), 1)


def _multiple(duration: int, unit: int) -> int | None:
    """Return the duration class in twelfths of a unit, None if none is within the tolerance.

    Notes longer than the longest class have that class.
    """
    twelfths = duration * 12 / unit
    best = min(vocabulary.TWELFTHS, key=lambda c: abs(c - twelfths))
    fits = abs(best - twelfths) <= TOLERANCE * best or twelfths > vocabulary.TWELFTHS[-1]
    return best if fits else None


def _entropy(values: np.ndarray) -> float:
    counts = np.unique(values, return_counts=True)[1]
    p = counts / counts.sum()
    return float(-(p * np.log2(p)).sum())
