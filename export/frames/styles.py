"""Styles of several parts from real pieces: forms, endings, and the filter's bounds.

Conventions: a piece is frames int64 [T, M] on a `Grid`, as in `stream.compose.polyphony`; its
phrases are four bars each, from its first frame.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from export.filter.excerpts import PHRASE_BARS
from export.melody.forms import MOST_COMMON, SHORT, USUAL
from stream.compose.filter import note_runs, novelty
from stream.compose.filter.bloom import Keys
from stream.compose.filter.entropy import NO_NOTES, NoteSeries
from stream.compose.polyphony.features import BARS, OF_PARTS
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.rules import cut_from
from stream.compose.tunes.outlines import LONGEST, SHORTEST
from stream.music.note import TICKS_PER_BEAT
from stream.voices.spec import StyleSpec

OUTSIDE = 0.01
"""Share of real excerpts beyond each bound."""
FAULTY = 0.05
"""The same for faults of voice leading, of which a model makes more than Bach does."""
FINE = 1000
"""Steps per unit to which bounds are rounded."""
ALIKE = 0.9
"""Share of equal frames from which on a phrase is one that came before."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A kind of frames, and how many of them are a bar."""

    kind: FrameKind
    bar: int


def four_quarters(kind: FrameKind) -> Grid:
    """Return the grid of sets of unknown meter."""
    return Grid(kind, 4 * TICKS_PER_BEAT // kind.ticks)


def style(grid: Grid, train: Sequence[Ints], valid: Sequence[Ints], modes: Mapping[str, float],
          corpus: bytes) -> StyleSpec:  # fmt: skip
    """Return the style of the pieces in `train`; `valid` shows how much real pieces share."""
    return StyleSpec(
        mean=(),
        spread=(),
        meters={f"{grid.bar}x{grid.kind.ticks}": 1.0},
        modes=modes,
        bounds=bounds(grid, train),
        forms=forms(grid, train),
        returning=returning(grid, train),
        last_note=last_chord(grid, train),
        longest_copy=usual_copy(grid, corpus, valid),
    )


def bounds(grid: Grid, pieces: Sequence[Ints]) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest value of each feature: quantiles of excerpts of real pieces."""
    rows = [grid.kind.features(excerpt) for excerpt in excerpts(grid, pieces)]
    return limits(grid.kind.feature_names, rows, OF_PARTS)


def limits(
    names: Sequence[str], rows: Sequence[Mapping[str, float]], faults: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Return quantiles of the features of excerpts, one row each.

    A piece cannot have too few faults: they have no lower bound. Bounds are rounded outwards:
    a value that most excerpts share is not beyond them.
    """
    found = {}
    for name in names:
        values = [row[name] for row in rows]
        outside = FAULTY if name in faults else OUTSIDE
        low, high = np.quantile(values, (outside, 1 - outside)).tolist() if values else (0.0, 0.0)
        low = 0.0 if name in faults else math.floor(low * FINE) / FINE
        found[name] = (low, math.ceil(high * FINE) / FINE)
    return found


def excerpts(grid: Grid, pieces: Sequence[Ints]) -> Iterator[Ints]:
    """Yield every stretch of the length that the filter judges, a bar apart."""
    bar = grid.bar
    for piece in pieces:
        for end in range(BARS * bar, len(piece) + 1, bar):
            yield cut_from(grid.kind, piece[:end], -BARS * bar)


def forms(grid: Grid, pieces: Sequence[Ints]) -> dict[str, float]:
    """Return the share of each of the most common forms; `abcd` if no piece is long enough."""
    return shares_of(form(grid, piece) for piece in pieces)


def shares_of(found: Iterable[str]) -> dict[str, float]:
    """Return the shares of the most common forms; empty ones do not count."""
    common = Counter(filter(None, found)).most_common(MOST_COMMON)
    total = sum(n for _, n in common)
    return {name: round(n / total, 4) for name, n in common} or {"abcd": 1.0}


def form(grid: Grid, piece: Ints) -> str:
    """Return a letter for each phrase; empty for fewer than three. Longer pieces are cut.

    A phrase that is nearly an earlier one has its letter, one whose first half is has the capital.
    A phrase without its last bar counts as whole.
    """
    length = PHRASE_BARS * grid.bar
    count = (len(piece) + grid.bar) // length
    known: list[Ints] = []
    letters = ""
    for i in range(min(count, LONGEST)):
        phrase = piece[i * length : (i + 1) * length]
        letters += _letter(phrase, known, length // 2)
    return letters if len(letters) >= SHORTEST else ""


def _letter(phrase: Ints, known: list[Ints], half: int) -> str:
    for i, other in enumerate(known):
        if _alike(phrase, other):
            return chr(ord("a") + i)
    for i, other in enumerate(known):
        if _alike(phrase[:half], other[:half]):
            return chr(ord("A") + i)
    known.append(phrase)
    return chr(ord("a") + len(known) - 1)


def _alike(one: Ints, other: Ints) -> bool:
    n = min(len(one), len(other))
    return bool((one[:n] == other[:n]).all(1).mean() >= ALIKE)


def moves(grid: Grid, piece: Ints) -> NoteSeries:
    """Return what pieces are compared by in any key: changes of chords, or the melody."""
    return grid.kind.changes(piece)


def returning(grid: Grid, pieces: Sequence[Ints]) -> float:
    """Return the percentile `USUAL` of the share of a new phrase's runs that came before."""
    shares = [share for piece in pieces for share in returns(grid, piece)]
    return round(float(np.percentile(shares, USUAL)), 3) if shares else 1.0


def returns(grid: Grid, piece: Ints) -> Iterator[float]:
    """Yield the share of each new phrase's runs that the piece had before."""
    length, letters = PHRASE_BARS * grid.bar, form(grid, piece)
    for i in range(1, len(letters)):
        if letters.lower().index(letters[i].lower()) == i:
            before, all_ = (_keys(grid, piece[: n * length]) for n in (i, i + 1))
            if len(all_) > len(before):
                yield float(np.isin(all_[len(before) :], before).mean())


def _keys(grid: Grid, piece: Ints) -> Keys:
    return note_runs.keys(*moves(grid, piece), novelty.HISTORY_RUN)


def last_chord(grid: Grid, pieces: Sequence[Ints]) -> float:
    """Return the percentile `SHORT` of the frames of the pieces' last chords."""
    held = [held_at_end(grid.kind, piece) for piece in pieces]
    return round(float(np.percentile(held, SHORT)), 3) if held else 0.0


def held_at_end(kind: FrameKind, piece: Ints) -> int:
    """Return the frames of the last chord, without the silence after it."""
    sounding = np.flatnonzero(kind.sounds(piece))
    return kind.end_length(piece[: sounding[-1] + 1]) if len(sounding) else 0


def corpus_table(grid: Grid, pieces: Sequence[Ints]) -> bytes:
    """Return the filter of the runs of chords in a corpus, for `novelty.Corpus`."""
    return novelty.Corpus.table([moves(grid, piece) for piece in pieces])


def usual_copy(grid: Grid, table: bytes, pieces: Sequence[Ints]) -> int:
    """Return the percentile `USUAL` of the longest runs that other pieces share with the corpus."""
    if not pieces:
        return 2**31 - 1
    found = novelty.Corpus(table).shared(NO_NOTES, [moves(grid, piece) for piece in pieces], 0)
    return max(int(np.percentile(found, USUAL)), novelty.CORPUS_RUN)
