"""Which phrase comes next: the form of the stream, tune after tune.

Pure, and a function of the seed, the controls and the phrases composed so far, so that both
drivers, real-time and offline, ask for the same stream.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from stream.note import Controls, Note, Phrase, PhraseRequest

TUNE_PHRASES = 8
"""Phrases in a tune."""
PHRASE_BARS = 4
FIRST_BARS = 2
"""The very first phrase is short, so that it sounds sooner."""
HISTORY_NOTES = 64


@dataclass(frozen=True, slots=True)
class Programme:
    """Where the stream stands."""

    seed: int
    controls: Controls = field(default_factory=Controls)
    index: int = 0
    """Of the next phrase."""
    history: tuple[Note, ...] = ()
    """The notes before the next phrase, oldest first, at most `HISTORY_NOTES`. Their onsets are
    negative: ticks from the start of the phrase they lead up to."""

    @property
    def request(self) -> PhraseRequest:
        """What to ask the composer for next."""
        return PhraseRequest(
            index=self.index,
            tune=self.index // TUNE_PHRASES,
            opening=self.index % TUNE_PHRASES == 0,
            seed=self.seed,
            bars=PHRASE_BARS if self.index else FIRST_BARS,
            parent=self.index - 1,
            history=self.history,
            controls=self.controls,
        )

    def after(self, phrase: Phrase) -> Programme:
        """The programme once `phrase` has been composed."""
        notes = (*self.history, *phrase.notes)[-HISTORY_NOTES:]
        history = tuple(dataclasses.replace(n, onset=n.onset - phrase.length) for n in notes)
        return dataclasses.replace(self, index=self.index + 1, history=history)
