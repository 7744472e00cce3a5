"""Expand repeats and endings: from the order on the page to the order of playing.

A closing repeat without an opening one goes back to the last double bar, closing repeat, or the
beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stream.compose.tunes.abc.tokens import Bar
from stream.compose.tunes.abc.voice import Event
from stream.errors import CorpusError

MOST = 5_000
"""Largest number of events and bars in one tune; a long jig has 300."""


def unfold(written: Sequence[Event | Bar]) -> list[Event | Bar]:
    """Return events and bar lines as they are played. Raises `CorpusError` for too many."""
    if len(written) > MOST:
        raise CorpusError(f"more than {MOST} events in one tune; write it as several")
    return _Reader(written).read()


class _Reader:
    """The position on the page while reading."""

    def __init__(self, written: Sequence[Event | Bar]) -> None:
        self.written = written
        self.played: list[Event | Bar] = []
        self.at = 0
        self.start = 0
        """Index that a closing repeat goes back to."""
        self.marked = False
        """True if the start is an opening repeat sign, which a double bar does not move."""
        self.turn = 1
        """Number of the pass through the section, from 1."""

    def read(self) -> list[Event | Bar]:
        while self.at < len(self.written):
            element = self.written[self.at]
            self.at += 1
            self.played.append(element)
            if isinstance(element, Bar):
                self._pass(element)
            if len(self.played) > 9 * MOST:
                raise CorpusError(f"more than {9 * MOST} events; check the repeat signs")
        return self.played

    def _pass(self, bar: Bar) -> None:
        if bar.closes and (self.turn <= bar.closes or self._ending(self.turn + 1, self.start)):
            self.turn += 1
            self.at = self.start
            return
        if bar.closes and self._is_past(bar):
            self._leave(lambda end: end.closes > 0 or end.double)
        elif bar.closes or bar.opens or (bar.double and not self.marked):
            self._begin(marked=bar.opens)
        if bar.ending and not bar.closes and self.turn > 1 and self.turn not in bar.ending:
            self._skip()

    def _begin(self, *, marked: bool) -> None:
        self.start, self.marked, self.turn = self.at, marked, 1

    def _skip(self) -> None:
        """Go to the ending of this pass; without one, past the end of the current ending."""
        ending = self._ending(self.turn, self.at)
        if ending:
            self.at = ending
            self.played += self._line_before(ending)
            self.marked = self.marked and self._ending(self.turn + 1, self.at) > 0
        else:
            self._leave(lambda end: end.closes > 0)

    def _is_past(self, bar: Bar) -> bool:
        """Return True if the last pass is followed by an ending of earlier passes only.

        An example is `|1,3 A :|2 B :|`.
        """
        following = self.written[self.at] if self.at < len(self.written) else None
        if not bar.ending and isinstance(following, Bar):
            bar = following
        return bool(bar.ending) and self.turn > max(bar.ending)

    def _leave(self, is_end: Callable[[Bar], bool]) -> None:
        """Go past the end of the current ending."""
        rest = enumerate(self.written[self.at :], self.at + 1)
        ends = (i for i, bar in rest if isinstance(bar, Bar) and is_end(bar))
        self.at = next(ends, len(self.written))
        self._begin(marked=False)

    def _line_before(self, ending: int) -> list[Bar]:
        """Return the bar line at the beginning of an ending, before or after its number."""
        seen = self.written[max(ending - 2, 0) : ending]
        return [Bar()] if any(isinstance(bar, Bar) and bar.line for bar in seen) else []

    def _ending(self, turn: int, start: int) -> int:
        """Return the index of the music of that ending in the section of `start`; 0 if none."""
        for i in range(start, len(self.written)):
            element = self.written[i]
            if isinstance(element, Bar):
                if turn in element.ending:
                    return i + 1
                if element.opens:
                    return 0
        return 0
