"""Baselines of models of lead sheets: repeating, and counting what followed what.

Conventions: contexts of a frame go from the longest to the shortest; counts of a longer one are
mixed with the next shorter one, as if that had been seen `PRIOR` times: with a Dirichlet prior
P(s | c) = (n(c, s) + PRIOR P(s | shorter c)) / (n(c) + PRIOR), MacKay & Peto 1995.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import torch

from export.lead.lead_sheet import Sheet
from export.lead.sheet_batches import meter_of
from export.models.lead import past, whole
from export.models.lead.past import Known
from stream.compose.polyphony.lead_frames import STRUCK
from stream.compose.polyphony.voicing import CLASSES

PRIOR = 8.0
SYMBOLS = (90, CLASSES)
"""Symbols of melody and chords, all of them possible anywhere."""

Contexts = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures of one head on a split."""

    nats: float
    """Nats per frame."""
    right: float
    """Share of frames in which the likeliest symbol is the true one."""
    change_right: float
    """The same of the frames in which the true symbol is not to go on."""


class Counts:
    """Counts of the symbols that followed each context."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)

    def add(self, contexts: Contexts, symbol: Hashable) -> None:
        for context in contexts:
            self._seen[context][symbol] += 1

    def chance(self, contexts: Contexts, symbol: Hashable, symbols: int) -> float:
        p = 1 / symbols
        for context in reversed(contexts):
            seen = self._seen.get(context)
            if seen:
                p = (seen[symbol] + PRIOR * p) / (seen.total() + PRIOR)
        return p

    def likeliest(self, contexts: Contexts) -> Hashable:
        """Return the likeliest symbol of the longest context that was seen often enough."""
        for context in contexts:
            seen = self._seen.get(context)
            if seen and seen.total() >= PRIOR:
                return seen.most_common(1)[0][0]
        return 0


def _frames(sheet: Sheet) -> tuple[torch.Tensor, Known]:
    frames = torch.from_numpy(sheet.frames)
    return frames, whole.known(frames, meter_of(sheet))


def chord_symbols(sheet: Sheet) -> Iterator[tuple[Contexts, Hashable]]:
    """Yield 0 where the chord goes on, else the change from root to root and the quality."""
    frames, known = _frames(sheet)
    phase = (known.position % sheet.bar).tolist()
    reference = past.Reader()(known).reference.squeeze(-1)
    names = (known.chord, known.stay, past.quality_of(known.chord), reference)
    move: Hashable = 0
    for now, chord, stay, quality, root, at in zip(
        frames[:, 1].tolist(), *(part.tolist() for part in names), phase, strict=True
    ):
        place = (sheet.meter, at)
        rows = ((place, stay, quality, move), (place, stay, quality), (place, quality), place, ())
        symbol: Hashable = 0
        if now != chord:
            symbol = ((now - 1 - root) % 12, (now - 1) // 12) if now else "none"
            move = symbol
        yield tuple((i, row) for i, row in enumerate(rows)), symbol


def melody_symbols(sheet: Sheet) -> Iterator[tuple[Contexts, Hashable]]:
    """Yield 0 where the note goes on, else its end, or the interval from the last note."""
    frames, known = _frames(sheet)
    phase = (known.position % sheet.bar).tolist()
    chord = past.root_of(frames[:, 1])
    above = torch.where(known.last > 0, (known.last + 7 - chord) % 12, 12)
    names = (known.last, known.age, past.interval(known.last, known.earlier), above)
    for now, last, age, step, degree, at in zip(
        frames[:, 0].tolist(), *(part.tolist() for part in names), phase, strict=True
    ):
        place = (sheet.meter, at)
        rows = (
            (place, age, step, degree), (place, age, degree), (place, age), (place,), ()
        )  # fmt: skip
        symbol: Hashable = now if now < STRUCK else ("by", now - last)
        yield tuple((i, row) for i, row in enumerate(rows)), symbol


def counted(train: Sequence[Sheet], valid: Sequence[Sheet]) -> dict[str, Reading]:
    """Return the figures of counts of `train` on `valid`, by head."""
    found = {}
    for name, symbols_of, size in zip(
        ("melody", "chord"), (melody_symbols, chord_symbols), SYMBOLS, strict=True
    ):
        counts = Counts()
        for sheet in train:
            for contexts, symbol in symbols_of(sheet):
                counts.add(contexts, symbol)
        nats, right, frames, hits, changes = 0.0, 0, 0, 0, 0
        for sheet in valid:
            for contexts, symbol in symbols_of(sheet):
                nats -= math.log(counts.chance(contexts, symbol, size))
                hit = counts.likeliest(contexts) == symbol
                right, frames = right + hit, frames + 1
                hits, changes = hits + (hit and symbol != 0), changes + (symbol != 0)
        found[name] = Reading(nats / frames, right / frames, hits / max(changes, 1))
    return found


def repeating(valid: Sequence[Sheet]) -> dict[str, float]:
    """Return the share of frames that go on, by head."""
    symbols = {"melody": melody_symbols, "chord": chord_symbols}
    return {
        name: sum(s == 0 for v in valid for _, s in of(v)) / sum(map(len, valid))
        for name, of in symbols.items()
    }
