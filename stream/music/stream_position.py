"""The position in the stream: the next phrase to request, tune after tune.

Pure, and a function of the seed, the controls and the phrases composed so far, so that both
players, real-time and offline, request the same stream.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from stream.music.call import Call
from stream.music.favourite import Favourite, favourite_of
from stream.music.note import TICKS_PER_BEAT, Blend, Controls, Note, Phrase, PhraseRequest
from stream.music.part import LEAD_PARTS
from stream.taste.terms import Taste, Tasted

PHRASE_BARS = 4
NO_TASTE = Taste()
FIRST_BARS = 2
"""Bars of the first request of a stream. Its first phrase is requested in two parts, so that it
sounds sooner."""
FRESH_TICKS = 10 * 120 * TICKS_PER_BEAT
"""Ticks of music, about ten minutes, after which the next tune is composed from the history alone,
so that a recording that begins there can be composed again without all the music before."""
FOLLOWED = 2
"""Phrases that the band remembers while it follows a person: such a tune has no end."""
HISTORY_NOTES = 64
"""Fewest notes of the lead voice that travel with a request, if so many have been played."""


@dataclass(frozen=True, slots=True)
class StreamPosition(Tasted):
    """The position of the next phrase in the stream."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    index: int = 0
    """Index of the next phrase."""
    tune: int = 0
    """Tune of the next phrase."""
    opened: int = 0
    """Index of the first phrase of the tune."""
    opened_style: tuple[Blend, ...] | None = None
    """Style requested when the tune was opened; None for that of the controls."""
    parent: int = -1
    """Index of the phrase before the next one; -1 if that is composed from the history alone."""
    ticks: int = 0
    """Ticks of music since the last phrase that was composed from the history alone."""
    begun: int = 0
    """Ticks of the next phrase that have been played already, before a control changed."""
    bars: int = PHRASE_BARS
    """Bars of the next phrase, or of the rest of it."""
    more: int = 0
    """Bars of the same phrase that are requested after these."""
    call: int = 0
    """Ticks before the next phrase in which a person played a call."""
    played: tuple[Note, ...] = ()
    """Notes that the person played before the call; empty without a call."""
    behind: int = 0
    """Bars by which the band alone follows what a person plays; 0: the voice composes."""
    tempo: float = 0.0
    """Tempo of the call that the tune responds to (quarter notes a minute); 0 without a call."""
    favourites: tuple[Favourite, ...] = ()
    """The favourites that later tunes may return to."""
    favourite: tuple[str, ...] = ()
    """Title, style and latent point of the one that this tune returns to; empty for most tunes."""
    learned: Taste = Taste()  # noqa: RUF009 (it is frozen)
    """The taste of the listener, for the next tune."""
    phrase_lengths: tuple[int, ...] = ()
    """Ticks of each phrase of the tune so far."""
    history: tuple[Note, ...] = ()
    """The notes before the next phrase, oldest first: those of the tune so far, or `HISTORY_NOTES`
    if these are fewer. Their onsets are negative: ticks from the start of the next phrase."""

    @property
    def request(self) -> PhraseRequest:
        """The next request to the composer."""
        return PhraseRequest(
            index=self.index,
            tune=self.tune,
            seed=self.seed,
            opened=self.opened,
            opened_style=self.controls.style if self.opened_style is None else self.opened_style,
            phrase_lengths=self.phrase_lengths,
            begun=self.begun,
            bars=self.bars,
            more=self.more,
            parent=self.parent,
            history=self.history,
            call=self.call,
            played=self.played,
            behind=self.behind,
            tempo=self.tempo,
            favourite=self.favourite,
            taste=self.taste,
            ratings=self.ratings,
            controls=self.controls,
        )

    def after(self, phrase: Phrase) -> StreamPosition:
        """Return the position once `phrase` has been composed."""
        if self.more:
            rest = self.within(phrase, phrase.length, self.index + 1)
            return dataclasses.replace(rest, parent=self.index)
        phrase_lengths = (
            () if phrase.closing else (*self.phrase_lengths, self.begun + phrase.length)
        )
        if self.behind:
            phrase_lengths = phrase_lengths[-FOLLOWED:]
        ticks = phrase.length + (0 if self.parent < 0 else self.ticks)
        opened = (
            self._opening_fields(self.index + 1) if phrase.closing else self._continuing_fields()
        )
        return dataclasses.replace(
            self,
            index=self.index + 1,
            begun=0,
            call=0,
            played=(),
            bars=PHRASE_BARS,
            phrase_lengths=phrase_lengths,
            parent=-1 if phrase.closing and ticks >= FRESH_TICKS else self.index,
            ticks=ticks,
            history=_recent(
                self._remembered((*self.history, *phrase.notes)),
                phrase.length,
                sum(phrase_lengths),
            ),
            **opened,
        )

    def _remembered(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        """Return the notes that are remembered: the last ones only, while the band follows."""
        begin = -sum(self.phrase_lengths[1 - FOLLOWED :]) - self.begun
        return tuple(n for n in notes if n.onset >= begin) if self.behind else notes

    def reindexed(self, index: int) -> StreamPosition:
        """Return the position that requests the same phrase again, as `index`."""
        opens = self.opened == self.index
        return dataclasses.replace(self, index=index, opened=index if opens else self.opened)

    def within(self, phrase: Phrase, tick: int, index: int) -> StreamPosition:
        """Return the position at a tick of `phrase`, requested here; its rest gets `index`.

        No composer has stored a state for it, so the history is played through the voice.
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
            history=_recent((*self.history, *played), tick, sum(self.phrase_lengths) + begun),
            **self._continuing_fields(),
        )

    def next_tune(self) -> StreamPosition:
        """Return the position that leaves the tune unfinished and opens the next one."""
        return dataclasses.replace(
            self,
            begun=0,
            call=0,
            played=(),
            bars=PHRASE_BARS,
            more=0,
            phrase_lengths=(),
            history=_recent(self.history, 0, 0),
            **self._opening_fields(self.index),
        )

    def responding(self, call: Call) -> StreamPosition:
        """Return the position after a person has played a call: a tune that responds to it."""
        opened = self.next_tune()
        return dataclasses.replace(
            opened,
            history=call.notes,
            call=call.ticks,
            played=call.before,
            parent=-1,
            tempo=call.tempo,
        )

    def _opening_fields(self, index: int) -> dict[str, Any]:
        """Return the fields that change when the phrase `index` opens a tune."""
        tune = self.tune + 1
        style = self.controls.style
        return {
            "tune": tune,
            "opened": index,
            "opened_style": None,
            "tempo": 0.0,
            "favourite": favourite_of(self.seed, tune, style, self.favourites),
            **self.learned.fields(self.controls.taste),
        }

    def _continuing_fields(self) -> dict[str, Any]:
        return {"opened_style": self.request.opened_style}


def opening(seed: int, controls: Controls, taste: Taste = NO_TASTE) -> StreamPosition:
    """Return the position at the start of a new stream, for a listener with this taste."""
    return StreamPosition(
        seed,
        controls,
        bars=FIRST_BARS,
        more=PHRASE_BARS - FIRST_BARS,
        learned=taste,
        **taste.fields(controls.taste),
    )


def _recent(notes: tuple[Note, ...], passed: int, needed: int) -> tuple[Note, ...]:
    """Return the notes as seen `passed` ticks later: those of the last `needed` ticks, or more.

    Notes of companions come along, but only those of the lead voice are counted.
    """
    moved = [note.moved(-passed) for note in notes]
    first = next((i for i, n in enumerate(moved) if n.onset >= -needed), len(moved))
    lead = [i for i, note in enumerate(moved) if note.channel < LEAD_PARTS]
    enough = lead[-HISTORY_NOTES] if len(lead) > HISTORY_NOTES else 0
    return tuple(moved[min(first, enough) :])
