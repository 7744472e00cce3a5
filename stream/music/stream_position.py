"""Which phrase comes next: the form of the stream, tune after tune.

Pure, and a function of the seed, the controls and the phrases composed so far, so that both
drivers, real-time and offline, ask for the same stream.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from stream.music.note import TICKS_PER_BEAT, Blend, Controls, Note, Phrase, PhraseRequest

PHRASE_BARS = 4
FIRST_BARS = 2
"""Of the first phrase of a stream, which is asked for in two parts, so that it sounds sooner."""
FRESH_TICKS = 10 * 120 * TICKS_PER_BEAT
"""Music, about ten minutes, after which the next tune is composed from the history alone: so that
a recording which begins there can be composed again without all the music before."""
HISTORY_NOTES = 64
"""At least so many notes travel with a request, if there were so many."""


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """Where the stream stands."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    index: int = 0
    """Of the next phrase."""
    tune: int = 0
    """Of the next phrase."""
    opened: int = 0
    """Index of the first phrase of the tune."""
    opened_style: tuple[Blend, ...] | None = None
    """The style that was asked for when the tune was opened; None: that of the controls."""
    parent: int = -1
    """Index of the phrase before the next one; -1: that is composed from the history alone."""
    ticks: int = 0
    """Of music since the last phrase that was."""
    begun: int = 0
    """Ticks of the next phrase that have been played already, as it was before a control moved."""
    bars: int = PHRASE_BARS
    """Of the next phrase, or of what is left of it."""
    more: int = 0
    """Bars of the same phrase that are asked for behind these."""
    call: int = 0
    """Ticks before the next phrase that a person has played."""
    strains: tuple[int, ...] = ()
    """Ticks of each phrase of the tune so far."""
    history: tuple[Note, ...] = ()
    """The notes before the next phrase, oldest first: those of the tune so far, and
    `HISTORY_NOTES` where these are fewer. Their onsets are negative: ticks from the start of the
    phrase they lead up to."""

    @property
    def request(self) -> PhraseRequest:
        """What to ask the composer for next."""
        return PhraseRequest(
            index=self.index,
            tune=self.tune,
            seed=self.seed,
            opened=self.opened,
            opened_style=self.controls.style if self.opened_style is None else self.opened_style,
            strains=self.strains,
            begun=self.begun,
            bars=self.bars,
            more=self.more,
            parent=self.parent,
            history=self.history,
            call=self.call,
            controls=self.controls,
        )

    def after(self, phrase: Phrase) -> StreamPosition:
        """The programme once `phrase` has been composed."""
        if self.more:
            rest = self.within(phrase, phrase.length, self.index + 1)
            return dataclasses.replace(rest, parent=self.index)
        strains = () if phrase.closing else (*self.strains, self.begun + phrase.length)
        ticks = phrase.length + (0 if self.parent < 0 else self.ticks)
        opened = self._opened(self.index + 1) if phrase.closing else self._goes_on()
        return dataclasses.replace(
            self,
            index=self.index + 1,
            begun=0,
            call=0,
            bars=PHRASE_BARS,
            strains=strains,
            parent=-1 if phrase.closing and ticks >= FRESH_TICKS else self.index,
            ticks=ticks,
            history=_recent((*self.history, *phrase.notes), phrase.length, sum(strains)),
            **opened,
        )

    def again(self, index: int) -> StreamPosition:
        """The programme when its phrase is asked for once more, as `index`."""
        opens = self.opened == self.index
        return dataclasses.replace(self, index=index, opened=index if opens else self.opened)

    def within(self, phrase: Phrase, tick: int, index: int) -> StreamPosition:
        """The programme in the middle of `phrase`, which it asked for; what follows gets `index`.

        No composer remembers how it stood there: it hears the history.
        """
        begun = self.begun + tick
        bars = -(-(phrase.length - tick) // phrase.bar) + self.more
        played = tuple(n.until(min(n.end, tick)) for n in phrase.notes if n.onset < tick)
        return dataclasses.replace(
            self,
            index=index,
            begun=begun,
            bars=max(bars, 1),
            more=0,
            parent=-1,
            history=_recent((*self.history, *played), tick, sum(self.strains) + begun),
            **self._goes_on(),
        )

    def next_tune(self) -> StreamPosition:
        """The programme when the tune is left where it stands."""
        return dataclasses.replace(
            self,
            begun=0,
            call=0,
            bars=PHRASE_BARS,
            more=0,
            strains=(),
            history=_recent(self.history, 0, 0),
            **self._opened(self.index),
        )

    def answering(self, call: tuple[Note, ...], ticks: int) -> StreamPosition:
        """The programme after a person has played `call` for so many ticks: a tune that answers.

        The onsets of the call are negative: ticks from its end.
        """
        return dataclasses.replace(self.next_tune(), history=call, call=ticks, parent=-1)

    def _opened(self, index: int) -> dict[str, Any]:
        """What changes when a tune is opened by the phrase `index`."""
        return {"tune": self.tune + 1, "opened": index, "opened_style": None}

    def _goes_on(self) -> dict[str, Any]:
        return {"opened_style": self.request.opened_style}


def opening(seed: int, controls: Controls) -> StreamPosition:
    """The programme of a new stream."""
    return StreamPosition(seed, controls, bars=FIRST_BARS, more=PHRASE_BARS - FIRST_BARS)


def _recent(notes: tuple[Note, ...], passed: int, needed: int) -> tuple[Note, ...]:
    """The notes as seen `passed` ticks later: those of the last `needed` ticks, or a few more."""
    moved = [note.moved(-passed) for note in notes]
    first = next((i for i, n in enumerate(moved) if n.onset >= -needed), len(moved))
    return tuple(moved[min(first, max(len(moved) - HISTORY_NOTES, 0)) :])
