"""Comping in training: pianos, guitars and keys that were played, jazz by the project's own rules.

`piano` is the whole piano of songs, `guitar` the same without its bass, half of it by the rule
boom-chick; `keys` are the chords of band pieces. For `jazz` there is no data: it learns from the
rule `charleston-comping` on lead sheets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from export.companions.accompaniment import BARS, Accompaniments, Source, within
from export.corpus.arrangement import Arrangement
from export.corpus.band import read_band
from export.corpus.lead_sheets import read_lead_sheets
from export.corpus.lieder import read_lieder, with_bass
from stream.compose.companions.comping import KIND
from stream.compose.companions.kind import CompanionKind
from stream.compose.companions.rules import RULES
from stream.compose.companions.score import Notes, Score
from stream.music.part import BASS, COMPING

PIANO, GUITAR, KEYS = (36, 79), (40, 76), (48, 79)


class CompingRole:
    """Everything that training needs to know about comping."""

    name = COMPING
    kind: CompanionKind = KIND
    tags: tuple[str, ...] = ("style:piano", "style:guitar", "style:keys", "style:jazz")
    hidden = 128

    def corpus(self, corpora: Path) -> Accompaniments:
        """Read three corpora: band, songs and lead sheets. Raises `CorpusError`."""
        band = read_band(corpora / "freedoom_band" / "freedoom_band.npz")
        songs = read_lieder(corpora / "openscore_lieder" / "openscore_lieder.npz")
        folder = corpora / "openewld_leadsheets"
        sheets = read_lead_sheets(folder / "openewld_leadsheets_pd.npz")
        keys = [each for each in band if each.parts.get(COMPING)]
        sources = (
            Source("piano", songs, *PIANO, epoch=70),
            Source("guitar", list(map(with_bass, songs)), *GUITAR, epoch=30),
            Source("guitar", sheets, *GUITAR, epoch=40, arrange=by_rule("boom-chick", GUITAR)),
            Source("keys", keys, *KEYS, epoch=60),
            Source("jazz", sheets, *KEYS, epoch=50, arrange=by_rule("charleston-comping", KEYS)),
        )
        return Accompaniments(self.kind, self.tags, sources)


def by_rule(
    name: str, bounds: tuple[int, int]
) -> Callable[[Arrangement, np.random.Generator], Arrangement]:
    """Return a maker of comping by a rule, phrase by phrase at random energies, above a bass."""
    low, high = bounds

    def arrange(arrangement: Arrangement, rng: np.random.Generator) -> Arrangement:
        found: list[Notes] = []
        bass: list[Notes] = []
        before: Notes = ()
        size = BARS * arrangement.bar
        for begin in range(0, arrangement.length, size):
            end = min(begin + size, arrangement.length)
            cut = {r: within(n, begin, end, 0) for r, n in arrangement.parts.items()}
            score = Score(cut, end - begin, arrangement.bar, arrangement.beat,
                          energy=float(rng.random()), low=28, high=57)  # fmt: skip
            line = RULES["walking-bass" if name.startswith("charleston") else "root-bass"]
            (low_notes,) = line.compose(score, rng).values()
            parts = {**cut, BASS: low_notes, COMPING: tuple(n.moved(-size) for n in before)}
            comped = replace(score, parts=parts, low=low, high=high)
            (before,) = RULES[name].compose(comped, rng).values()
            found.append(tuple(note.moved(begin) for note in before))
            bass.append(tuple(note.moved(begin) for note in low_notes))
        parts = {**arrangement.parts, BASS: sum(bass, ()), COMPING: sum(found, ())}
        return replace(arrangement, parts=parts)

    return arrange
