"""The memory of a melody: which event, duration or pitch returns from an earlier bar.

A rhythm returns by its place in the bar: onsets, durations and rests. Pitches return by their
order: the third note of a bar has the pitch that the third note of the earlier bar had, whatever
the rhythm.

Conventions: times in twelfths of a unit since the head of the tune; `played` holds its events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from stream.compose import memory
from stream.compose.melody import returns
from stream.compose.melody.outline import EQUAL, PHRASE_BARS, Outline, Return
from stream.compose.melody.vocabulary import REST, TWELFTHS, Token
from stream.music.note import PhraseRequest

ANY: Final = -1
"""Class of a head that is sampled."""
FREE: Final[Token] = (ANY, ANY, ANY)
Played = Mapping[int, tuple[int, ...]]


class Decision(NamedTuple):
    """The part of an event that is decided before it is sampled."""

    token: tuple[int, ...] = FREE
    """Classes that are forced; `ANY` for the others."""
    pitch: tuple[int, ...] = ()
    """Pitch class and octave, if the event turns out to be a note."""
    sounding: tuple[int, ...] = ()
    """Pitch class and octave of the earlier note, if the event has to be a note of any pitch."""


@dataclass(frozen=True, slots=True)
class BarMemory:
    """The bars that each bar of a tune returns to."""

    bar: int
    """Length of a bar."""
    pitch: tuple[int, ...] = ()
    """Bars back from each bar to the one with its pitches; 0 if they are composed."""
    rhythm: tuple[int, ...] = ()
    """The same for its rhythm."""
    looped: frozenset[int] = frozenset()
    """The bars in which something returns because a listener asked for it."""
    loose: frozenset[int] = frozenset()
    """Those of them in which something is composed, too."""

    def decision(self, played: Played, onset: int, notes: int) -> Decision:
        """Return what is decided about the event at `onset`; `notes` have begun in its bar."""
        at, place = divmod(onset, self.bar)
        if at >= len(self.pitch):
            return Decision()
        pitch_lag, rhythm_lag = self.pitch[at], self.rhythm[at]
        if not pitch_lag and not rhythm_lag:
            return Decision()
        event = played.get(onset - rhythm_lag * self.bar) if rhythm_lag else None
        if event is not None and (event[0] == REST or pitch_lag == rhythm_lag):
            return Decision(event)
        if at not in self.looped:
            return Decision()
        pitch = self._pitch(played, at - pitch_lag, notes) if pitch_lag else ()
        if event is not None:
            token = (*(pitch or (ANY, ANY)), event[2])
            return Decision(token, sounding=() if pitch else event[:2])
        ends = self._reaching(played, at - rhythm_lag, place) if rhythm_lag else ANY
        return Decision((ANY, ANY, ends), pitch)

    def _pitch(self, played: Played, bar: int, number: int) -> tuple[int, ...]:
        """Return pitch class and octave of a note of a bar; nothing if the bar has fewer."""
        for onset in range(bar * self.bar, (bar + 1) * self.bar):
            event = played.get(onset)
            if event is None or event[0] == REST:
                continue
            if not number:
                return event[:2]
            number -= 1
        return ()

    def _reaching(self, played: Played, bar: int, place: int) -> int:
        """Return the duration class that leads from a place to the next onset of a bar, or `ANY`.

        A note before has been longer than the one that it stands for.
        """
        begin, end = bar * self.bar, (bar + 1) * self.bar
        onset = next((at for at in range(begin + place + 1, end) if at in played), end)
        length = onset - begin - place
        return TWELFTHS.index(length) if length in TWELFTHS else ANY


def planned(outline: Outline) -> BarMemory:
    """Return the memory of a tune that is composed as its outline says."""
    lags = tuple(_equal(each) for each in outline.returns)
    return BarMemory(12 * outline.bar, lags, lags)


def of_bars(bar: int, found: memory.Recall) -> BarMemory:
    """Return the memory of a tune without an outline."""
    return BarMemory(
        bar,
        tuple((memory.LOOP * found.pitch).tolist()),
        tuple((memory.LOOP * found.rhythm).tolist()),
        frozenset(np.flatnonzero(found.pitch | found.rhythm).tolist()),
        frozenset(np.flatnonzero(found.pitch != found.rhythm).tolist()),
    )


def with_memory(
    outline: Outline, tokens: Sequence[Token], request: PhraseRequest
) -> tuple[Outline, BarMemory]:
    """Return the outline of a tune with the bars that return by the controls, and the memory.

    `tokens` are the events of the tune so far. A bar that returns has as many notes as the earlier
    one, and lies as high; if it returns whole, the outline says so.
    """
    own = planned(outline)
    if not memory.remembers(request):
        return outline, own
    found = memory.recall(request, outline.bars, _closing(outline))
    looped = of_bars(own.bar, found)
    pitch, rhythm = (
        tuple(loop or lag for loop, lag in zip(loops, own.pitch, strict=True))
        for loops in (looped.pitch, looped.rhythm)
    )
    edited = _edited(
        outline, returns.bars(np.array(tokens, np.int64).reshape(-1, 3), own.bar), found
    )
    return edited, replace(looped, pitch=pitch, rhythm=rhythm)


def _edited(outline: Outline, played: Sequence[returns.Bar], found: memory.Recall) -> Outline:
    counts, registers = list(outline.counts), list(outline.registers)
    related = list(outline.returns)
    for at in np.flatnonzero(found.pitch | found.rhythm).tolist():
        source = at - memory.LOOP
        known = source < len(played)
        if found.whole[at]:
            related[at] = Return(memory.LOOP, EQUAL)
        if found.rhythm[at] or not _equal(outline.returns[at]):
            counts[at] = returns.notes(played[source]) if known else counts[source]
        if found.pitch[at]:
            register = returns.register(played[source]) if known else None
            registers[at] = registers[source] if register is None else register
    return replace(
        outline, returns=tuple(related), counts=tuple(counts), registers=tuple(registers)
    )


def _equal(found: Return) -> int:
    return found.lag if found.likeness == EQUAL else 0


def _closing(outline: Outline) -> int:
    """Return the bar with which a tune ends; -1 if that has been played before."""
    *before, last = outline.phrases()
    return -1 if last in before else last + PHRASE_BARS - 1
