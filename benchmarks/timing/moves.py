"""Moves of controls, and the first notes that obey them. All functions are pure."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SAME_SECONDS = 0.002
"""Largest difference between the announced and the actual time of one note."""
HIGH = 66
"""Pitch below all notes transposed three octaves up, and above all transposed down."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a control."""

    at: float
    """Time at which its first byte was written (s, monotonic)."""
    value: Any
    """New value of the control."""


@dataclass(frozen=True, slots=True)
class Part:
    """A phrase, or the rest of one. Times are in seconds, monotonic."""

    start: float
    end: float
    line: float
    """One of its bar lines: its end when it was queued."""
    bar: float
    style: str
    composed: bool
    """True if it holds newly composed music."""

    def lines(self) -> list[float]:
        """Return the bar lines from its start to its end."""
        count = int((self.line - self.start + SAME_SECONDS) / self.bar)
        lines = (self.line - k * self.bar for k in range(count + 1))
        return [line for line in lines if line < self.end - SAME_SECONDS]


class Score:
    """The phrases that the player's events announced."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def handle(self, event: Mapping[str, Any]) -> None:
        """Update the phrases by an event of the player or of its panel."""
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
class Response:
    """The player's response to a move."""

    latency: float
    """Seconds from the first byte of the move to the first note that obeys."""
    bars: int
    """Number of the bar by whose first note it was obeyed; 1 is the next bar."""
    notes: int
    """Number of the note that obeyed; 1 is the next note."""
    ahead: float
    """Seconds from the first byte to the next bar line."""
    gap: float
    """Seconds from the first byte to the next note."""


def bar_lines(parts: Sequence[Part]) -> list[float]:
    """Return the times of all bar lines (s)."""
    return sorted(line for part in parts for line in part.lines())


Note = tuple[float, int]
"""Time of arrival (s, monotonic) and pitch."""


def first_transposed(move: Move, notes: Sequence[Note]) -> float | None:
    """Return the time of the first note in the requested register, or None."""
    later = (time for time, pitch in notes if time > move.at and (pitch > HIGH) == (move.value > 0))
    return next(later, None)


def first_restyled(move: Move, notes: Sequence[Note], parts: Sequence[Part]) -> float | None:
    """Return the time of the first note composed in the requested style, or None.

    A repeated phrase does not count.
    """
    fitting = (part for part in parts if part.start > move.at and part.style == move.value)
    start = min((part.start for part in fitting if part.composed), default=None)
    times = [time for time, _ in notes]
    index = len(times) if start is None else bisect_left(times, start - SAME_SECONDS)
    return times[index] if index < len(times) else None


def response(
    move: Move, first: float, notes: Sequence[Note], lines: Sequence[float], reaction: float
) -> Response:
    """Return the response to a move whose first obeying note arrived at `first` (s).

    Only notes and bar lines at least `reaction` seconds away count.
    """
    times = [time for time, _ in notes]
    since = move.at + reaction
    ahead = lines[bisect_right(lines, since) :]
    # The first note of each bar; a bar without any counts with the next one.
    heads = [times[i] for line in ahead if (i := bisect_left(times, line)) < len(times)]
    following = bisect_right(times, since)
    return Response(
        latency=first - move.at,
        bars=1 + bisect_left(sorted({*heads}), first),
        notes=1 + max(bisect_left(times, first) - following, 0),
        ahead=ahead[0] - move.at if ahead else float("inf"),
        gap=times[following] - move.at if following < len(times) else float("inf"),
    )
