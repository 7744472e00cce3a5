"""The bass in training: rock from band pieces, folk from the left hand of songs with piano."""

from __future__ import annotations

from pathlib import Path

from export.companions.accompaniment import Accompaniments, Source
from export.corpus.arrangement import Arrangement
from export.corpus.band import read_band
from export.corpus.lieder import read_lieder, with_bass
from stream.compose.companions.bass import KIND
from stream.compose.companions.kind import CompanionKind
from stream.music.part import BASS

LOW, HIGH = 28, 55


class BassRole:
    """Everything that training needs to know about the bass."""

    name = BASS
    kind: CompanionKind = KIND
    tags: tuple[str, ...] = ("style:rock", "style:folk")
    hidden = 144

    def corpus(self, corpora: Path) -> Accompaniments:
        """Read the corpora `freedoom_band` and `openscore_lieder`. Raises `CorpusError`."""
        band = read_band(corpora / "freedoom_band" / "freedoom_band.npz")
        songs = read_lieder(corpora / "openscore_lieder" / "openscore_lieder.npz")
        rock = [each for each in band if each.parts.get(BASS)]
        folk = [song for song in map(with_bass, songs) if _sings(song)]
        sources = (
            Source("rock", rock, LOW, HIGH, epoch=90),
            Source("folk", folk, LOW, HIGH, epoch=90),
        )
        return Accompaniments(self.kind, self.tags, sources)


def _sings(song: Arrangement) -> bool:
    """Return whether the bass plays in most bars."""
    return len({note.onset // song.bar for note in song.parts[BASS]}) > song.length / song.bar * 0.6
