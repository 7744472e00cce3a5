"""Controls that were moved, and what was heard of it: which note is the first that obeys. Pure."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SAME_SECONDS = 0.002
"""A note may be announced so much earlier or later than it arrives."""
HIGH = 66
"""Notes that sound three octaves up are above, three octaves down below."""


@dataclass(frozen=True, slots=True)
class Move:
    """A control that was moved."""

    at: float
    """When its first byte was written (s, monotonic)."""
    wish: Any
    """What the control became."""


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase, or what is left of it. Times in seconds, monotonic."""

    start: float
    end: float
    line: float
    """One of its bar lines: where it ended when it was queued."""
    bar: float
    style: str
    composed: bool
    """Whether there is anything new in it."""

    def lines(self) -> list[float]:
        """The bar lines from its start to where it ends."""
        count = int((self.line - self.start + SAME_SECONDS) / self.bar)
        lines = (self.line - k * self.bar for k in range(count + 1))
        return [line for line in lines if line < self.end - SAME_SECONDS]


class Score:
    """What was announced to be played, by the player's events."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def take(self, event: Mapping[str, Any]) -> None:
        """An event of the player's, or of its panel's."""
        for phrase in event.get("state", {}).get("phrases", ()):
            self._add(phrase)
        if "phrase" in event:
            self._add(event["phrase"])
        elif "cut" in event:
            at = event["cut"]
            self.parts = [
                dataclasses.replace(part, end=min(part.end, at))
                for part in self.parts
                if part.start < at - SAME_SECONDS
            ]
        elif "moved" in event:
            first, delay = event["moved"]
            self.parts = [
                part if part.end <= first else _moved(part, first, delay) for part in self.parts
            ]

    def _add(self, phrase: Mapping[str, Any]) -> None:
        end, composed = phrase["end"], phrase["composed"] > 0
        self.parts.append(Part(phrase["start"], end, end, phrase["bar"], phrase["style"], composed))


def _moved(part: Part, first: float, delay: float) -> Part:
    start = part.start + (delay if part.start >= first else 0.0)
    return dataclasses.replace(part, start=start, end=part.end + delay, line=part.line + delay)


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What came of a move."""

    latency: float
    """From its byte to the first note that obeys (s)."""
    bars: int
    """1: by the first note of the next bar; 2: of the bar after ..."""
    notes: int
    """1: it is the next note that begins; 2: the one after ..."""
    ahead: float
    """Seconds from the byte to the next bar line ..."""
    gap: float
    """... and to the next note."""


def bar_lines(parts: Sequence[Part]) -> list[float]:
    """All of them (s)."""
    return sorted(line for part in parts for line in part.lines())


Note = tuple[float, int]
"""When it arrived (s, monotonic), and its pitch."""


def transposed(move: Move, notes: Sequence[Note]) -> float | None:
    """When the first note arrived that sounds as far up or down as it was wished."""
    later = (time for time, pitch in notes if time > move.at and (pitch > HIGH) == (move.wish > 0))
    return next(later, None)


def restyled(move: Move, notes: Sequence[Note], parts: Sequence[Part]) -> float | None:
    """When the first note arrived of music that was composed in the style that was wished for.

    A phrase of the tune that is only heard again is none.
    """
    fitting = (part for part in parts if part.start > move.at and part.style == move.wish)
    start = min((part.start for part in fitting if part.composed), default=None)
    times = [time for time, _ in notes]
    index = len(times) if start is None else bisect_left(times, start - SAME_SECONDS)
    return times[index] if index < len(times) else None


def judged(
    move: Move, heard: float, notes: Sequence[Note], lines: Sequence[float], way: float
) -> Obeyed:
    """What came of a move whose first obeying note arrived at `heard` (s).

    Notes and bar lines count that are further away than `way` (s).
    """
    times = [time for time, _ in notes]
    since = move.at + way
    ahead = lines[bisect_right(lines, since) :]
    # The first note of each bar; a bar without any counts with the next one.
    heads = [times[i] for line in ahead if (i := bisect_left(times, line)) < len(times)]
    first = bisect_right(times, since)
    return Obeyed(
        latency=heard - move.at,
        bars=1 + bisect_left(sorted({*heads}), heard),
        notes=1 + max(bisect_left(times, heard) - first, 0),
        ahead=ahead[0] - move.at if ahead else float("inf"),
        gap=times[first] - move.at if first < len(times) else float("inf"),
    )
