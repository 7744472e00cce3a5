"""Streams of the blues voice: its chords beside the form, and its melody beside the style."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.resume import cached
from export.blues.choruses import chorus
from export.blues.forms import BAR, BARS, CHORUS, HALF, STYLES, form
from stream.compose.step import Point, Step, StepState
from stream.voices.spec import digest

Ints = NDArray[np.int64]
LEARNED = 400
"""Choruses of a style; a bar of melody that occurs in none of them counts as new."""
CLOCK = 24
"""Cells of the clock, unless the voice's description gives them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one style's rows."""

    choruses: int
    chords: float
    """Share of half bars with the right chord."""
    held: float
    """Share of the chord changes that fall on the start of a half bar."""
    settled: int
    """Chorus from which the state of the chords repeats bit for bit; 0 if it did not."""
    new_bars: float
    """Share of bars of melody that occur in none of `LEARNED` choruses of the same style."""
    in_scale: float
    """Share of melody notes whose pitch class occurs in the style's own choruses."""
    notes: float
    """Melody notes in a bar."""


class Band:
    """Rows of one style that play frame by frame through the voice's step."""

    def __init__(self, step: Step, style: str, rows: int, seed: int) -> None:
        spec = step.spec
        tags = np.zeros((rows, len(spec.tags)), np.float32)
        tags[:, [spec.tags.index(f"style:{style}"), spec.tags.index("mode:C")]] = 1.0
        self._step, self._rng = step, np.random.default_rng(seed)
        self._point = Point(np.zeros((rows, spec.latent), np.float32), tags)
        self.state: StepState = step.initial().tiled(rows)

    def chorus(self) -> Ints:
        """Return the next chorus, [384, rows, 3]."""
        frames = []
        for _ in range(CHORUS):
            noise = self._rng.random((len(self.state.token), self._step.spec.noise), np.float32)
            self.state = self._step(self.state, self._point, noise).state
            frames.append(self.state.token)
        return np.stack(frames)


def measured(path: Path, style: str, rows: int, choruses: int, out: Path) -> Measured:
    """Return the figures of `rows` streams of so many choruses each, stored in `out`."""
    request = {"voice": digest(path), "choruses": choruses}
    file = out / f"stream-{style}-{rows}.json"
    facts = cached(file, request, lambda: asdict(_measured(Step(path), style, rows, choruses)))
    return Measured(**facts)


def _measured(step: Step, style: str, rows: int, choruses: int) -> Measured:
    band, known = Band(step, style, rows, STYLES.index(style)), _Known(style)
    cells = int(step.spec.model.get("clock", CLOCK))
    wanted = form(style)[:, None]
    right, at_heads, changes, settled = 0, 0, 0, 0
    seen: set[bytes] = set()
    last: Ints | None = None
    for i in range(1, choruses + 1):
        frames = band.chorus()
        chords = frames[..., 1]
        right += int((chords[::HALF] == wanted).sum())
        line = chords if last is None else np.concatenate([last, chords])
        moved = np.flatnonzero((np.diff(line, axis=0) != 0).any(1)) + (last is None)
        changes += len(moved)
        at_heads += int((moved % HALF == 0).sum())
        last = chords[-1:]
        known.add(frames[..., 0])
        now = _clock_state(band.state, cells)
        if not settled and now in seen:
            settled = i
        seen.add(now)
    return Measured(
        rows * choruses, right / (rows * choruses * len(wanted)),
        at_heads / max(changes, 1), settled, *known.shares(),
    )  # fmt: skip


def _clock_state(state: StepState, cells: int) -> bytes:
    """Return all that future chords depend on: outputs and cells of the clock, and the chord."""
    h, c = np.split(state.states[0], 2, 1)
    return h[:, :cells].tobytes() + c[:, :cells].tobytes() + state.token[:, 1].tobytes()


class _Known:
    """Counts of melody bars and notes, compared with training choruses."""

    def __init__(self, style: str) -> None:
        rng = np.random.default_rng(1)
        learned = [chorus(style, rng)[:, 0] for _ in range(LEARNED)]
        self._bars = {bar.tobytes() for one in learned for bar in one.reshape(BARS, BAR)}
        self._scale = np.zeros(12, bool)
        self._scale[_classes(np.concatenate(learned))] = True
        self.bars = self.new = self.notes = self.inside = 0

    def add(self, melody: Ints) -> None:
        """Count the melody of a chorus, [384, rows]."""
        bars = melody.T.reshape(-1, BAR)
        self.bars += len(bars)
        self.new += sum(bar.tobytes() not in self._bars for bar in bars)
        classes = _classes(melody)
        self.notes += len(classes)
        self.inside += int(self._scale[classes].sum())

    def shares(self) -> tuple[float, float, float]:
        """Return the share of new bars, the share of notes in the scale, and notes per bar."""
        return (self.new / self.bars, self.inside / max(self.notes, 1), self.notes / self.bars)


def _classes(melody: Ints) -> Ints:
    """Return the pitch classes of all struck notes."""
    return (melody[melody > 1] + 19) % 12
