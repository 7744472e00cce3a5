"""Tunes of the composer, one after another, without a process, a sink or a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from stream.compose.composer import Composer
from stream.compose.filter.entropy import NoteSeries
from stream.compose.melody.vocabulary import encode
from stream.compose.tune_plan import plan_tune
from stream.music.note import Controls, Note, Phrase
from stream.music.stream_position import StreamPosition

Tokens = NDArray[np.int64]
LEAD_PART = 0
"""Number of the part that every voice composes; companions have others."""


@dataclass(frozen=True, slots=True)
class Tune:
    """All phrases of one tune."""

    phrases: tuple[Phrase, ...]
    unit: int
    """Ticks of the tune's unit."""

    @property
    def style(self) -> str:
        """Return the style of the first phrase."""
        return self.phrases[0].style

    @property
    def begins(self) -> list[int]:
        """Return ticks from the start of the tune to each phrase, and to the end."""
        return list(accumulate((p.length for p in self.phrases), initial=0))

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes of the lead, with onsets in ticks from the start of the tune."""
        return tuple(
            Note(begin + n.onset, n.duration, n.pitch, n.velocity)
            for begin, phrase in zip(self.begins, self.phrases, strict=False)
            for n in phrase.notes
            if n.channel == LEAD_PART
        )

    @property
    def tokens(self) -> Tokens:
        """Return the tokens [events, 3], rests included."""
        return np.array(encode(self.notes, self.unit, self.begins[-1]), np.int64).reshape(-1, 3)

    @property
    def melody(self) -> NoteSeries:
        """Return pitch [n] and length [n] in twelfths of a unit, as the composer compares tunes."""
        notes = self.notes
        length = np.array([n.duration * 12 // self.unit for n in notes], np.int64)
        return np.array([n.pitch for n in notes], np.int64), length

    def broken_bars(self) -> int:
        """Return the number of phrases that do not end on a bar line.

        Bars are counted from the end of the first phrase: the stream's very first one may begin
        with an upbeat.
        """
        first, *ends = self.begins[1:]
        return sum((end - first) % self.phrases[0].bar != 0 for end in ends)


def played(composer: Composer, seed: int, controls: Controls) -> Iterator[Tune]:
    """Yield the tunes of one stream without end."""
    position = StreamPosition(seed, controls)
    unit, phrases = 0, list[Phrase]()
    while True:
        request = position.request
        if request.opening:
            unit = plan_tune(composer.spec, request).unit
        phrases.append(composer.compose(request))
        position = position.after(phrases[-1])
        if phrases[-1].closing:
            yield Tune(tuple(phrases), unit)
            phrases = []
