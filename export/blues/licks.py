"""Melodies of our own making: questions and answers, riffs and running lines in blues scales.

A *figure* is a rhythm and a contour, and fits wherever it is played: the same figure over another
chord takes other notes. Conventions: events are (frame in the chorus, frames, MIDI pitch), in C.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from export.blues.bass import OFF, Events
from export.blues.forms import BAR, BEAT, HALF, Ints, chord_tones

LOW, HIGH = 55, 84
"""Pitches that a melody has."""
MINOR, MAJOR = (0, 3, 5, 6, 7, 10), (0, 2, 3, 4, 7, 9)
"""The two blues scales, pitch classes."""
BEBOP = (0, 2, 3, 4, 5, 7, 9, 10)
SCALES = {"major": (MINOR, MAJOR), "minor": (MINOR,), "quick": (MINOR, MAJOR, MAJOR),
          "jazz": (BEBOP, BEBOP, MINOR)}  # fmt: skip
BEATS: tuple[tuple[tuple[tuple[int, int], ...], float], ...] = (
    (((0, BEAT),), 3.0),
    (((0, OFF), (OFF, BEAT - OFF)), 5.0),
    (((0, 3), (3, 2), (OFF, BEAT - OFF)), 1.0),
    (((OFF, BEAT - OFF),), 2.0),
    (((0, OFF),), 1.5),
    ((), 1.2),
)
"""Rhythms of one beat as (frame, frames), and how often each is drawn."""
GRACE = 0.3
"""Probability that a major third follows the minor one below within a frame."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Notes without pitches: steps up or down a scale."""

    notes: tuple[tuple[int, int, int], ...]
    """Notes as (frame, frames, steps from the note before)."""


def figure(frames: int, rng: np.random.Generator, *, busy: float = 1.0) -> Figure:
    """Return a new figure; `busy` over 1 has more eighths and fewer rests."""
    weights = np.array([w * (busy if len(beat) > 1 else 1 / busy) for beat, w in BEATS])
    notes: list[tuple[int, int, int]] = []
    direction = int(rng.choice((-1, 1)))
    for begin in range(0, frames, BEAT):
        beat = BEATS[int(rng.choice(len(BEATS), p=weights / weights.sum()))][0]
        for at, length in beat:
            if rng.random() < 0.3:
                direction = -direction
            step = int(rng.choice((1, 2, 0, 3), p=(0.68, 0.16, 0.12, 0.04)))
            notes.append((begin + at, length, direction * step))
    return Figure(tuple(notes) or ((0, BEAT, 0),))


class Soloist:
    """Plays figures over the chords of a chorus, in one scale."""

    def __init__(self, style: str, chords: Ints, rng: np.random.Generator) -> None:
        scales = SCALES[style]
        self.scale = scales[int(rng.integers(len(scales)))]
        self.style, self.chords, self.rng = style, chords, rng
        self.events: Events = []

    def play(self, begin: int, played: Figure, start: int) -> int:
        """Play a figure from frame `begin` and near pitch `start` on; return its last pitch."""
        pitch = start
        for at, length, step in played.notes:
            frame = begin + at
            strong = at % BEAT == 0 and length >= OFF
            aim = _bounded(self._moved(pitch, step, frame))
            pitch = self._fitting(aim, frame, pitch if step else 0, strong=strong)
            self._strike(frame, length, pitch)
        return pitch

    def close(self, begin: int, start: int, length: int) -> None:
        """Play a long note on a root, a third or a fifth, whichever is nearest."""
        tones = chord_tones(int(self.chords[begin // HALF % len(self.chords)]))[:3]
        pitch = min(
            (p for p in range(LOW, HIGH + 1) if p % 12 in tones), key=lambda p: abs(p - start)
        )
        self._strike(begin, length, pitch)

    def _strike(self, frame: int, length: int, pitch: int) -> None:
        third = pitch % 12 == 4 and length >= OFF and self.rng.random() < GRACE
        if third:
            self.events.append((frame, 1, pitch - 1))
        self.events.append((frame + third, length - third, pitch))

    def _tones(self, frame: int) -> tuple[int, ...]:
        return chord_tones(int(self.chords[frame // HALF % len(self.chords)]))

    def _moved(self, pitch: int, step: int, frame: int) -> int:
        """Return the pitch this many steps of the scale away."""
        scale = self._scale(frame)
        direction = 1 if step > 0 else -1
        for _ in range(abs(step)):
            pitch += direction
            while pitch % 12 not in scale:
                pitch += direction
        return pitch

    def _scale(self, frame: int) -> tuple[int, ...]:
        """Return the scale, and in bebop the tones of the chord instead of their neighbors."""
        if self.scale is not BEBOP:
            return self.scale
        tones = self._tones(frame)
        away = {(t + d) % 12 for t in tones for d in (-1, 1)} - set(tones)
        return tuple(sorted((set(BEBOP) - away) | set(tones)))

    def _fitting(self, pitch: int, frame: int, not_this: int, *, strong: bool) -> int:
        """Return the nearest tone: of the chord on most strong beats, else of the scale."""
        tones = self._tones(frame)
        allowed: tuple[int, ...] = self._scale(frame)
        if strong and self.rng.random() < 0.7:
            allowed = tuple(t for t in tones if t in allowed) or tones
        fits = (p for p in range(LOW, HIGH + 1) if p % 12 in allowed and p != not_this)
        return min(fits, key=lambda p: (abs(p - pitch), p))


def _bounded(pitch: int) -> int:
    """Fold a pitch back near the ends of the range."""
    low, high = LOW + 3, HIGH - 5
    return 2 * high - pitch if pitch > high else 2 * low - pitch if pitch < low else pitch


def melody(style: str, chords: Ints, rng: np.random.Generator) -> Events:
    """Return one chorus: questions and answers, riffs, or running lines."""
    player = Soloist(style, chords, rng)
    shares = {"jazz": (0.35, 0.15, 0.5)}.get(style, (0.55, 0.3, 0.15))
    (_questions, _riffs, _lines)[int(rng.choice(3, p=shares))](player, rng)
    return sorted(player.events)


def _questions(player: Soloist, rng: np.random.Generator) -> None:
    """Play a question twice, and an answer: each two bars and a half, and then a rest."""
    question, start = figure(2 * BAR, rng), int(rng.integers(62, 77))
    reply = figure(HALF, rng)
    for phrase in range(2):
        begin = phrase * 4 * BAR
        last = player.play(begin, question, start)
        player.close(begin + 2 * BAR, last, int(rng.integers(1, 4)) * BEAT)
        if rng.random() < 0.6:
            player.play(begin + 3 * BAR, reply, last + 5)
    last = player.play(8 * BAR, figure(2 * BAR, rng, busy=1.6), start + int(rng.integers(-3, 6)))
    player.close(10 * BAR, last, 2 * BEAT)
    if rng.random() < 0.5:
        player.play(11 * BAR, figure(HALF, rng), last)


def _riffs(player: Soloist, rng: np.random.Generator) -> None:
    """Play one figure of a bar all through, each third time with another end."""
    riff, start = figure(BAR - BEAT, rng), int(rng.integers(60, 76))
    other = figure(BAR, rng, busy=1.4)
    for bar in range(12):
        last = player.play(bar * BAR, other if bar % 4 == 3 else riff, start)
        if bar == 10:
            player.close(11 * BAR, last, 2 * BEAT)
            return


def _lines(player: Soloist, rng: np.random.Generator) -> None:
    """Play eighths that run through the changes, with a breath after two bars or four."""
    bar, pitch = 0, int(rng.integers(60, 77))
    while bar < 12:
        length = min(int(rng.choice((2, 2, 3, 4))), 12 - bar)
        run = figure(length * BAR - int(rng.integers(1, 4)) * BEAT, rng, busy=3.0)
        pitch = player.play(bar * BAR, run, pitch)
        bar += length
