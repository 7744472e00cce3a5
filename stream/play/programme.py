"""Which phrase comes next: the form of the stream, tune after tune.

Pure, and a function of the seed, the controls and the phrases composed so far, so that both
drivers, real-time and offline, ask for the same stream.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from stream.note import Controls, Note, Phrase, PhraseRequest

PHRASE_BARS = 4
FIRST_BARS = 2
"""The very first phrase is short, so that it sounds sooner."""
HISTORY_NOTES = 64
"""At least so many notes travel with a request, if there were so many."""


@dataclass(frozen=True, slots=True)
class Programme:
    """Where the stream stands."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    index: int = 0
    """Of the next phrase."""
    tune: int = 0
    """Of the next phrase."""
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
            strains=self.strains,
            bars=PHRASE_BARS if self.index else FIRST_BARS,
            parent=self.index - 1,
            history=self.history,
            controls=self.controls,
        )

    def after(self, phrase: Phrase) -> Programme:
        """The programme once `phrase` has been composed."""
        strains = () if phrase.closing else (*self.strains, phrase.length)
        return dataclasses.replace(
            self,
            index=self.index + 1,
            tune=self.tune + phrase.closing,
            strains=strains,
            history=_recent((*self.history, *phrase.notes), phrase.length, sum(strains)),
        )


def _recent(notes: tuple[Note, ...], passed: int, needed: int) -> tuple[Note, ...]:
    """The notes as seen `passed` ticks later: those of the last `needed` ticks, or a few more."""
    moved = [Note(n.onset - passed, n.duration, n.pitch, n.velocity, n.channel) for n in notes]
    first = next((i for i, n in enumerate(moved) if n.onset >= -needed), len(moved))
    return tuple(moved[min(first, max(len(moved) - HISTORY_NOTES, 0)) :])
