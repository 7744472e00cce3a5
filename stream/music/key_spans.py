"""Note spans of one key from its note-ons and note-offs.

MIDI says when a key goes down and up, but not which of them belong together. A key that goes down
again before it went up ends the sounding note, and the first of the two ups is the earlier note's:
each up belongs to the oldest note that has none. A down that is never followed by an up of its own
lasts until the key goes down again, or to the end of the track.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest

from stream.music.midi_track import Strike


def spans(strikes: Iterable[Strike], end: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each note of one key, in ticks; `end` is that of the track."""
    ordered = list(_releases_first(strikes))
    endless = _endless(ordered)
    ends = _ends(ordered, endless)
    downs = [i for i, strike in enumerate(ordered) if strike.down]
    for i, following in zip_longest(downs, downs[1:]):
        begin = ordered[i].tick
        cut = end if following is None else ordered[following].tick
        # A key that is struck twice at once sounds once.
        if following is None or cut > begin or ends.get(i) == begin:
            yield begin, min(ends.get(i, cut), cut)


def _releases_first(strikes: Iterable[Strike]) -> Iterator[Strike]:
    """Yield the strikes; of one tick, those that release earlier notes come before new ones."""
    held = 0
    for _, group in groupby(strikes, key=lambda strike: strike.tick):
        late: list[Strike] = []
        for strike in group:
            if held and not strike.down:
                held -= 1
                yield strike
            else:
                late.append(strike)
        for strike in late:
            held = held + 1 if strike.down else max(held - 1, 0)
            yield strike


def _endless(strikes: Sequence[Strike]) -> set[int]:
    """Return the downs that have no up, because too few ups follow them."""
    waiting: list[int] = []
    for i, strike in enumerate(strikes):
        if strike.down:
            waiting.append(i)
        elif waiting:
            waiting.pop()
    return set(waiting)


def _ends(strikes: Sequence[Strike], endless: set[int]) -> dict[int, int]:
    """Return the tick at which each down goes up again."""
    ends: dict[int, int] = {}
    waiting: deque[int] = deque()
    for i, strike in enumerate(strikes):
        if strike.down and i not in endless:
            waiting.append(i)
        elif not strike.down and waiting:
            ends[waiting.popleft()] = strike.tick
    return ends
