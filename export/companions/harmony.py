"""Training of harmony: melodies with chords, phrase by phrase, as the runtime hears them.

Each epoch cuts the songs into other phrases and, at times, gives the tonic wrongly, as the estimate
from a few notes does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from export.companions.harmony_songs import Song, read_songs
from export.companions.role import Corpus, Piece
from stream.compose.companions.harmonic import chords as chord_frames
from stream.compose.companions.harmonic.context import context_in, grid_of
from stream.compose.companions.harmonic.tonic import Key, key_of
from stream.compose.companions.harmony import Harmony
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.polyphony.frames import Ints
from stream.errors import CorpusError
from stream.music.note import Note
from stream.music.part import LEAD

BARS: Final = 4
"""Bars in a phrase."""
OTHER_BARS: Final = (2, 8)
OTHER: Final = 0.15
"""Share of songs that are cut into phrases of another length."""
MOST_BARS: Final = 32
"""Bars of a song in an epoch; longer songs give an excerpt."""
SOLOS: Final = 60
"""Jazz solos in an epoch, of all: a solo tells less of its chords than a theme does."""
CUTS: Final = 2
"""Times that a lead sheet is cut anew in an epoch."""
WRONG: Final = 0.08
"""Share of songs of which the tonic is given wrongly."""
WRONGLY: Final = (5, 7, 9, 3)
"""Semitones by which it is wrong."""
UNTOLD: Final = 0.5
"""Share of songs whose energy is not told."""
PLAIN: Final = 6
"""Most chords of a song that may stand for folk music."""
PLAIN_QUALITIES: Final = 3
"""The qualities of such a song are major, minor and 7."""
VALID_SOLOS: Final = 20
SHEET_STYLES: Final = ("folk", "song")
"""Styles of the lead sheets that are learned twice as often."""
NO_TAGS: Final = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Cut:
    """The way in which one song is cut and told."""

    begin: int = 0
    """Bars before the excerpt."""
    first: int = BARS
    """Bars in the first phrase."""
    bars: int = BARS
    """Bars in the other phrases."""
    most: int = MOST_BARS
    wrong: int = 0
    """Semitones by which the tonic is wrong."""
    energy: float = 0.5
    style: str = ""
    """Style that is told instead of the song's own."""


def scores(song: Song, cut: Cut) -> Iterable[tuple[Score, Ints]]:
    """Yield the score of each phrase of an excerpt without its chords, and the chords [T]."""
    start = cut.begin * song.bar
    end = min(song.length, start + cut.most * song.bar)
    notes = [note for note in song.notes if start <= note.onset < end]
    at, bars = start, cut.first
    lengths: list[int] = []
    while at < end:
        length = min(bars * song.bar, end - at)
        lead = tuple(note.moved(-at) for note in notes if note.onset < at + length)
        score = Score(
            {LEAD: tuple(_before(lead, length))}, length, song.bar, song.beat, at - start,
            tuple(lengths), at + length >= song.length, cut.energy,
            tune_style=cut.style or song.style,
        )  # fmt: skip
        yield score, song.chords[at // FRAME : (at + length) // FRAME]
        at, bars = at + length, cut.bars
        lengths.append(length)


def _before(notes: Iterable[Note], end: int) -> Iterable[Note]:
    return (note if note.end <= end else note.until(end) for note in notes)


def piece_of(song: Song, cut: Cut) -> Piece:
    """Return an excerpt of a song as training sees it."""
    frames, contexts = [], []
    before = 0
    for score, chords in scores(song, cut):
        key = key_of(score)
        key = Key((key.tonic + cut.wrong) % 12, key.minor)
        grid = grid_of(score, 0)
        steady = chord_frames.by_beat(chords, grid, grid.count - len(chords))
        frames.append(chord_frames.tokens(steady, before, key))
        contexts.append(context_in(score, 0, len(chords), key))
        before = int(steady[-1])
    return Piece(np.concatenate(frames), np.concatenate(contexts), NO_TAGS)


class Songs:
    """The songs as pieces."""

    def __init__(self, songs: Sequence[Song]) -> None:
        self._train = [song for song in songs if song.split == "train"]
        held = [song for song in songs if song.split == "valid"]
        self._held = [s for s in held if s.style != "jazz"]
        self._held += [s for s in held if s.style == "jazz"][:VALID_SOLOS]
        if not self._train or not self._held:
            raise CorpusError("the corpora of harmony hold no songs in known meters")
        self._energies = energies(self._train)

    def train(self, rng: np.random.Generator) -> Sequence[Piece]:
        """Return the pieces of one epoch."""
        solos = [i for i, song in enumerate(self._train) if song.style == "jazz"]
        left_out = set(rng.permutation(solos)[SOLOS:].tolist())
        chosen = [
            i
            for i, song in enumerate(self._train)
            for _ in range(CUTS if song.style in SHEET_STYLES else 1)
            if i not in left_out
        ]
        return [piece_of(self._train[i], self._cut(i, rng)) for i in chosen]

    def valid(self) -> Sequence[Piece]:
        """Return the held-out pieces."""
        return [piece_of(song, Cut()) for song in self._held]

    def _cut(self, i: int, rng: np.random.Generator) -> Cut:
        song = self._train[i]
        whole = song.length // song.bar
        bars = int(rng.choice(OTHER_BARS)) if rng.random() < OTHER else BARS
        late = int(rng.integers(0, max(whole - MOST_BARS, 0) + 1))
        energy = 0.5 if rng.random() < UNTOLD else self._energies[i]
        wrong = int(rng.choice(WRONGLY)) if rng.random() < WRONG else 0
        style = "folk" if is_plain(song) and rng.random() < 0.5 else ""
        begin = late // BARS * BARS if rng.random() < 0.5 else late
        return Cut(begin, int(rng.integers(1, bars + 1)), bars, MOST_BARS, wrong, energy, style)


def is_plain(song: Song) -> bool:
    """Return whether a song has few and simple chords, as folk music has."""
    chords = {int(chord) for chord in np.unique(song.chords) if chord}
    simple = all((chord - 1) // 12 < PLAIN_QUALITIES for chord in chords)
    return song.style == "song" and len(chords) <= PLAIN and simple


def changes_a_bar(song: Song) -> float:
    """Return how many chords begin in a bar on average, the first one left out."""
    return float((np.diff(song.chords) != 0).sum() / (song.length / song.bar))


def energies(songs: Sequence[Song]) -> list[float]:
    """Return the energy of each song: the share of songs of its style that change chords less."""
    by_style: dict[str, list[float]] = defaultdict(list)
    for song in songs:
        by_style[song.style].append(changes_a_bar(song))
    found = []
    for song in songs:
        others = np.array(by_style[song.style])
        rate = changes_a_bar(song)
        found.append(float(((others < rate).sum() + (others <= rate).sum()) / (2 * len(others))))
    return found


class HarmonyRole:
    """The role of harmony in training."""

    name = "harmony"
    kind = Harmony()
    tags: tuple[str, ...] = ()
    hidden = 128

    def corpus(self, corpora: Path) -> Corpus:
        """Return the songs of the archives in a folder. Raises `CorpusError`."""
        return Songs(read_songs(corpora))
