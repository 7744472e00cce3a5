"""Bass lines of our own making: walking, boogie, or roots and fifths.

Conventions: events are (frame in the chorus, frames, MIDI pitch), in C; a chorus is [24] chords.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from export.blues.forms import BAR, BARS, BEAT, HALF, Ints, chord_tones

Events = list[tuple[int, int, int]]
LOW, HIGH = 33, 62
"""Pitches that a bass has."""
MIDDLE = 43
OFF = 5
"""Frames into a beat at which its second eighth begins: swing."""
PATTERNS = {
    "major": {"boogie": 0.5, "shuffle": 0.3, "walking": 0.2},
    "minor": {"roots": 0.5, "walking": 0.3, "shuffle": 0.2},
    "quick": {"walking": 0.5, "boogie": 0.3, "shuffle": 0.2},
    "jazz": {"walking": 1.0},
}
"""Probability of each way of playing in each style."""


def bass_line(style: str, chords: Ints, rng: np.random.Generator) -> Events:
    """Return one chorus; the first chord follows the last."""
    ways = PATTERNS[style]
    way = WAYS[str(rng.choice(list(ways), p=list(ways.values())))]
    line = _Line(chords, rng)
    for bar in range(BARS):
        way(line, bar)
    return line.events


class _Line:
    """A line while it is made."""

    def __init__(self, chords: Ints, rng: np.random.Generator) -> None:
        self.chords, self.rng = chords, rng
        self.events: Events = []

    def tones(self, half: int) -> tuple[int, ...]:
        return chord_tones(int(self.chords[half % len(self.chords)]))

    def root(self, half: int, near: int = MIDDLE) -> int:
        return nearest(self.tones(half)[0], near)

    def play(self, frame: int, length: int, pitch: int) -> None:
        while pitch < LOW:
            pitch += 12
        while pitch > HIGH:
            pitch -= 12
        self.events.append((frame, length, pitch))

    @property
    def last(self) -> int:
        return self.events[-1][2] if self.events else MIDDLE


def nearest(pitch_class: int, near: int) -> int:
    """Return the pitch of that class that is nearest to `near`."""
    return near + (pitch_class - near + 6) % 12 - 6


def _walking(line: _Line, bar: int) -> None:
    """Return quarters: a chord tone, steps, and on the last beat a neighbor of the next root."""
    changes = line.chords[2 * bar] != line.chords[2 * bar + 1]
    beats = 2 if changes else 4
    for begin in range(0, 4, beats):
        half = 2 * bar + begin // 2
        center = round((line.last + MIDDLE) / 2)
        root = line.root(half, center)
        target = line.root(half + beats // 2, root)
        for beat, pitch in enumerate(_steps(line, half, root, target, beats)):
            at = bar * BAR + (begin + beat) * BEAT
            skips = beat == beats - 1 and line.rng.random() < 0.12
            line.play(at, OFF if skips else BEAT, pitch)
            if skips:
                line.play(at + OFF, BEAT - OFF, pitch)


def _steps(line: _Line, half: int, root: int, target: int, beats: int) -> list[int]:
    """Return pitches of two or four beats from a root to the one that follows."""
    rng = line.rng
    approach = target + int(rng.choice((-1, 1, 7, -5), p=(0.4, 0.35, 0.1, 0.15)))
    if beats == 2:
        return [root, approach]
    third, fifth, seventh = (root + (t - root) % 12 for t in line.tones(half)[1:])
    ways = (
        (third, fifth), (fifth, third), (fifth, root + 12), (root + 2, third),
        (seventh - 12, fifth - 12), (third, root), (fifth - 12, seventh - 12), (fifth, seventh),
    )  # fmt: skip
    middle = ways[int(rng.integers(len(ways)))]
    return [root, *middle, approach if approach != middle[1] else target - 1]


def _boogie(line: _Line, bar: int) -> None:
    """Return quarters up and down a chord with its sixth, bar by bar in turns."""
    for part in range(2):
        half = 2 * bar + part
        third, fifth = ((t - line.tones(half)[0]) % 12 for t in line.tones(half)[1:3])
        up = bar % 2 == 0
        steps = (0, third, fifth, 9) if up else (10, 9, fifth, third)
        if line.chords[2 * bar] != line.chords[2 * bar + 1]:
            steps = (0, fifth, 0, fifth)
        for beat in range(2):
            at = bar * BAR + (2 * part + beat) * BEAT
            line.play(at, BEAT, line.root(half, 40) + steps[2 * part + beat])


def _shuffle(line: _Line, bar: int) -> None:
    """Return swung eighths: root, root, fifth, sixth."""
    for part in range(2):
        half = 2 * bar + part
        root, at = line.root(half, 40), bar * BAR + part * HALF
        fifth = root + (line.tones(half)[2] - root) % 12
        sixth = fifth + (2 if line.tones(half)[1] != (root + 3) % 12 else 3)
        for beat, pitch in enumerate((root, sixth if part else fifth)):
            line.play(at + beat * BEAT, OFF, pitch)
            line.play(at + beat * BEAT + OFF, BEAT - OFF, root if beat == 0 else fifth)


def _roots(line: _Line, bar: int) -> None:
    """Return long roots, a fifth or an octave at the end of the bar, and some leading notes."""
    half, at = 2 * bar, bar * BAR
    root = line.root(half, 41)
    fifth = root + (line.tones(half)[2] - root) % 12
    if line.chords[half] != line.chords[half + 1]:
        line.play(at, HALF, root)
        line.play(at + HALF, HALF, line.root(half + 1, root))
        return
    line.play(at, BEAT + OFF, root)
    line.play(at + BEAT + OFF, BEAT - OFF + BEAT, root)
    leads = line.rng.random() < 0.3
    end = line.root(half + 2, root) - 1 if leads else fifth
    line.play(at + 3 * BEAT, BEAT, end)


WAYS: dict[str, Callable[[_Line, int], None]] = {
    "walking": _walking, "boogie": _boogie, "shuffle": _shuffle, "roots": _roots,
}  # fmt: skip
