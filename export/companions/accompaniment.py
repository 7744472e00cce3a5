"""Pieces for bass and comping: arrangements, cut into phrases as the stream plays them.

A companion hears one phrase at a time, so an arrangement becomes phrases of four bars. Each epoch
begins them at other bars, in other keys, and with the energy told or untold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from export.companions.role import Piece
from export.corpus.arrangement import Arrangement
from stream.compose.companions.accompaniment.hearing import frame_of
from stream.compose.companions.bass import folded
from stream.compose.companions.kind import FRAME, CompanionKind
from stream.compose.companions.score import Notes, Score
from stream.music.note import Note

BARS: Final = 4
"""Bars of a phrase."""
LONGEST: Final = 40
"""Most bars of a piece in one epoch."""
KEYS: Final = 6
"""Semitones by which a piece moves at most."""
UNTOLD: Final = 0.2
"""Share of the pieces without a style, and of those in which every energy is the middle one."""
HELD_OUT: Final = 10
"""Groups of variants of which one is held out."""
QUANTILES: Final = 21
RANKED: Final = 3
"""Arrangements of which one counts for the ranks of densities."""
MEASURED: Final = 20
"""Bars of a held-out piece that are measured."""


@dataclass(frozen=True, slots=True)
class Source:
    """Arrangements of one style, of which a part is learnt."""

    style: str
    arrangements: Sequence[Arrangement]
    low: int
    """Lowest pitch of the instrument; the part is moved into its range by octaves."""
    high: int
    epoch: int
    """Most pieces in an epoch."""
    arrange: Callable[[Arrangement, np.random.Generator], Arrangement] | None = None
    """Maker of the part by rule, anew in each epoch; None: the arrangement has it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The choices by which an arrangement becomes a piece."""

    first: int = 0
    """Bar of the arrangement with which it begins."""
    bars: int = LONGEST
    upbeat: int = 0
    """Bars of the first phrase, fewer than the others; 0: it is whole."""
    semitones: int = 0
    energy_told: bool = True
    style_told: bool = True


class Accompaniments:
    """The corpus of one companion."""

    def __init__(self, kind: CompanionKind, tags: Sequence[str], sources: Sequence[Source]) -> None:
        self._kind, self._tags, self.sources = kind, tuple(tags), sources
        (self._role,) = kind.roles
        styles = {source.style for source in sources}
        self._densities = {style: self._quantiles(style) for style in styles}

    def train(self, rng: np.random.Generator) -> Sequence[Piece]:
        """Return some pieces of each style, in random keys, from random bars on."""
        found = []
        for source in self.sources:
            learnt = [a for a in source.arrangements if a.group % HELD_OUT]
            for i in rng.permutation(len(learnt))[: source.epoch]:
                setting = _drawn(learnt[i], rng)
                found.append(self.piece(source, self.made(source, learnt[i], rng), setting))
        return [piece for piece in found if len(piece)]

    def valid(self) -> Sequence[Piece]:
        """Return the held-out pieces: their first bars, in their own keys, the energy told."""
        found = []
        for source, arrangement in self.held_out():
            made = self.made(source, arrangement, np.random.default_rng(arrangement.group))
            found.append(self.piece(source, made, Setting(bars=MEASURED)))
        return [piece for piece in found if len(piece)]

    def held_out(self) -> Iterator[tuple[Source, Arrangement]]:
        """Yield the held-out arrangements, at most a quarter as many as in an epoch."""
        for source in self.sources:
            held = [a for a in source.arrangements if a.group % HELD_OUT == 0]
            yield from ((source, each) for each in held[: source.epoch // 4])

    def piece(self, source: Source, arrangement: Arrangement, setting: Setting) -> Piece:
        """Return the frames and the context of an arrangement, phrase by phrase."""
        frames = [np.zeros((0, len(self._kind.heads)), np.int64)]
        context = [np.zeros((0, self._kind.context_width), np.float32)]
        for score in self.phrases(source, arrangement, setting):
            first = score.length % FRAME
            count = (score.length - first) // FRAME
            frames.append(self._kind.encode(score, first, count))
            context.append(self._kind.context(score, first, count))
        style = f"style:{source.style}" if setting.style_told else ""
        tags = np.array([float(tag == style) for tag in self._tags], np.float32)
        return Piece(np.concatenate(frames), np.concatenate(context), tags)

    def phrases(
        self, source: Source, arrangement: Arrangement, setting: Setting
    ) -> Iterator[Score]:
        """Yield the scores of the phrases in which the part plays, as a companion hears them."""
        bar = arrangement.bar
        parts = _placed(arrangement.parts, self._role, setting.semitones, source)
        begin = setting.first * bar
        last = min(arrangement.length, begin + setting.bars * bar)
        size = setting.upbeat or BARS
        while begin < last:
            end = min(begin + size * bar, last)
            score = _score(arrangement, parts, begin, end, source)
            told = self._energy(source.style, score) if setting.energy_told else 0.5
            if self._plays(score):
                yield replace(score, energy=told)
            begin, size = end, BARS

    def _plays(self, score: Score) -> bool:
        """Return whether the own part begins a note in more than half of the bars."""
        bars = {n.onset // score.bar for n in score.notes(self._role) if n.onset >= 0}
        return 2 * len(bars) > score.length / score.bar

    def _energy(self, style: str, score: Score) -> float:
        """Return the rank of the phrase's density among those of its style, 0-1."""
        ranks = np.linspace(0, 1, QUANTILES)
        return float(np.interp(self._density(score), self._densities[style], ranks))

    def _density(self, score: Score) -> float:
        """Return the strokes of the own part a beat."""
        strokes = {frame_of(n.onset, 0) for n in score.notes(self._role) if n.onset >= 0}
        return len(strokes) * score.beat / score.length

    def _quantiles(self, style: str) -> np.ndarray:
        """Return the quantiles of the densities of all phrases of a style."""
        rng, found = np.random.default_rng(0), []
        for source in self.sources:
            for each in source.arrangements[::RANKED] if source.style == style else ():
                made = self.made(source, each, rng)
                cuts = range(0, made.length, BARS * made.bar)
                parts = {self._role: made.parts.get(self._role, ())}
                ends = (min(cut + BARS * made.bar, made.length) for cut in cuts)
                scores = (_score(made, parts, *ab, source) for ab in zip(cuts, ends, strict=True))
                found += [self._density(score) for score in scores if self._plays(score)]
        # Strictly rising, so that the rank of a density is defined.
        return np.quantile(found, np.linspace(0, 1, QUANTILES)) + 1e-6 * np.arange(QUANTILES)

    @staticmethod
    def made(source: Source, arrangement: Arrangement, rng: np.random.Generator) -> Arrangement:
        """Return the arrangement with the part that is learnt, which a rule may make."""
        return arrangement if source.arrange is None else source.arrange(arrangement, rng)


def _drawn(arrangement: Arrangement, rng: np.random.Generator) -> Setting:
    bars = arrangement.length // arrangement.bar
    return Setting(
        first=int(rng.integers(max(bars - LONGEST, 0) + 1)),
        upbeat=int(rng.integers(BARS)),
        semitones=int(rng.integers(-KEYS, KEYS)),
        energy_told=rng.random() >= UNTOLD,
        style_told=rng.random() >= UNTOLD,
    )


def _placed(
    parts: Mapping[str, Notes], own: str, semitones: int, source: Source
) -> dict[str, Notes]:
    """Return the parts in another key, the own one in the range of the instrument."""
    moved = {role: tuple(n.transposed(semitones) for n in notes) for role, notes in parts.items()}
    moved[own] = tuple(
        replace(note, pitch=folded(note.pitch, source.low, source.high))
        for note in moved.get(own, ())
    )
    return moved


def _score(
    arrangement: Arrangement, parts: Mapping[str, Notes], begin: int, end: int, source: Source
) -> Score:
    """Return a phrase of an arrangement as a score; its past is the phrase before."""
    past = BARS * arrangement.bar
    return Score(
        {role: within(notes, begin, end, past) for role, notes in parts.items()},
        end - begin, arrangement.bar, arrangement.beat, min(begin, past),
        closing=end == arrangement.length, bpm=arrangement.bpm, style=source.style,
        low=source.low, high=source.high,
    )  # fmt: skip


def within(notes: Notes, begin: int, end: int, past: int) -> Notes:
    """Return the notes of a phrase, counted from its begin, and those of so many ticks before.

    A note across one of the phrase's ends is two notes, as no note of the stream lasts beyond its
    phrase.
    """
    first = bisect_left(notes, begin - 2 * past, key=lambda note: note.onset)
    found: list[Note] = []
    for note in notes[first : bisect_left(notes, end, key=lambda note: note.onset)]:
        if note.onset < begin and note.end > begin - past:
            found.append(note.until(min(note.end, begin)).moved(-begin))
        if note.end > begin:
            onset = max(note.onset, begin)
            stop = min(note.end, end)
            found.append(replace(note, onset=onset - begin, duration=stop - onset))
    return tuple(sorted(found, key=lambda note: note.onset))
