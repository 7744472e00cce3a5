"""Rules for the timing of all parts: phrase arch, final ritard and duration contrast.

Each returns the displacement of every tick of a phrase, in tenths of a tick; late is positive. A
phrase keeps its length, since the next one, the MIDI clock and the bar lines at which controls take
effect follow its ticks: what a rule slows down, it speeds up elsewhere in the same phrase or bar.
The parameters are those of the program Director Musices (Friberg, Bresin & Sundberg 2006,
"Overview of the KTH rule system for musical performance").
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from stream.music.note import TENTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream.play.expression.passage import Passage

    Displacement = Callable[[float], float]
    """Maps a tick to its displacement in tenths of a tick."""

ARCH_START, ARCH_END, TURN = 0.10, 0.20, 0.5
"""Share by which the phrase arch lengthens notes at the start and at the end of a phrase, and the
point of the phrase, from 0 to 1, at which it lengthens nothing."""
ARCH_SHARE: Final = 0.3
"""Share of the published phrase arch that is used for the tempo. With it, a bar line is at most
40 ms from the beat of the clock at 120 quarter notes a minute; with all of it, 130 ms."""
RITARD_MS, RITARD_CURVE, RITARD_END = 1300.0, 3.0, 0.75
"""Length of the final ritard in milliseconds, the exponent q of its curve, and its final tempo as a
share of the first (published: 0.25 where the end may come later)."""
CONTRAST: Final = ((30.0, 0.0), (200.0, -11.0), (400.0, -7.0), (600.0, 0.0))
"""Breakpoints of the duration contrast: length of a note in milliseconds, and its change before it
is multiplied by `CONTRAST_MS` or by the factor of its level."""
CONTRAST_MS: Final = 1.5


def no_displacement(tick: float) -> float:  # noqa: ARG001 (the same form as the others)
    """Return 0: every tick stays."""
    return 0.0


def phrase_arch(passage: Passage) -> Displacement:
    """Return the phrase arch: slow, faster up to the turning point, slower to the end.

    Drums keep a steady pulse: with them it changes dynamics alone.
    """
    if passage.drummed:
        return no_displacement
    length = passage.source.length
    mean = (ARCH_START * TURN + ARCH_END * (1 - TURN)) / 3
    scale = ARCH_SHARE * length * TENTHS

    def displacement(tick: float) -> float:
        at = min(max(tick / length, 0.0), 1.0)
        rising: float = ARCH_START * TURN * (1 - (1 - min(at / TURN, 1.0)) ** 3) / 3
        falling: float = ARCH_END * (1 - TURN) * (max(at - TURN, 0.0) / (1 - TURN)) ** 3 / 3
        return scale * (rising + falling - mean * at)

    return displacement


def final_ritard(passage: Passage) -> Displacement:
    """Return the final ritard of a tune's closing phrase (Friberg & Sundberg 1999, eq. 4).

    Tempo is v(x) = (1 + (w^q - 1) x)^(1/q) over the last 1.3 seconds, at most a bar; the whole is
    scaled so that the phrase ends in time.
    """
    source = passage.source
    ticks = min(passage.tenths(RITARD_MS) / TENTHS, source.bar, source.length)
    if not source.closing or ticks <= 0:
        return no_displacement
    start, power = source.length - ticks, 1 - 1 / RITARD_CURVE
    slope: float = RITARD_END**RITARD_CURVE - 1
    whole = (1 + slope) ** power - 1

    def displacement(tick: float) -> float:
        at = min(max((tick - start) / ticks, 0.0), 1.0)
        eased: float = ((1 + slope * at) ** power - 1) / whole
        return TENTHS * ticks * (eased - at)

    return displacement


def duration_contrast(passage: Passage) -> Displacement:
    """Return the duration contrast: short notes of the melody become shorter, bar by bar.

    All pitched parts follow the melody, as in the rule "melodic sync", and every bar keeps its
    length.
    """
    ticks, displacements = [0.0], [0.0]
    for bar in _bars(passage):
        ends = [(onset, end - onset) for onset, end in pairwise(bar)]
        changes = [passage.tenths(CONTRAST_MS * contrast(passage.milliseconds(n))) for _, n in ends]
        excess = sum(changes) / (bar[-1] - bar[0])
        moved = 0.0
        for (onset, length), change in zip(ends, changes, strict=True):
            moved += change - excess * length
            ticks.append(float(onset + length))
            displacements.append(moved)
    return lambda tick: _interpolated(ticks, displacements, tick)


def contrast(milliseconds: float) -> float:
    """Return the change of a note of this length, between the breakpoints of `CONTRAST`."""
    for (low, first), (high, second) in pairwise(CONTRAST):
        if low <= milliseconds < high:
            return first + (second - first) * (milliseconds - low) / (high - low)
    return 0.0


def _bars(passage: Passage) -> Iterator[list[int]]:
    """Yield for each bar its start, the onsets of the melody in it, and its end."""
    source = passage.source
    onsets = [note.onset for note in passage.melody]
    starts = [0, *range(passage.head or source.bar, source.length, source.bar), source.length]
    for start, end in pairwise(starts):
        if start < end:
            yield [start, *(onset for onset in onsets if start < onset < end), end]


def _interpolated(ticks: list[float], values: list[float], tick: float) -> float:
    after = bisect_right(ticks, tick)
    if after >= len(ticks):
        return values[-1]
    if not after:
        return values[0]
    low, high = ticks[after - 1], ticks[after]
    share = (tick - low) / (high - low)
    return values[after - 1] + share * (values[after] - values[after - 1])
