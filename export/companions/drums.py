"""The drums: pieces of the Groove MIDI Dataset, and the bounds of the rules.

`python -m export.companions.drums CORPORA` prints the bounds. Only the set's train split is read. A
piece is an excerpt of a few phrases, mostly of four bars, as a companion plays them: from a fresh
state. There is no lead and no bass in the recordings. In half of the pieces the context has none;
in the others it has substitutes, made by rule from the drums: a bass that meets most kicks, or
walks; a lead that meets some of the loud hits.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np

from export.companions.drum_excerpts import (
    PHRASE,
    Excerpt,
    cut,
    frames_of,
    phrase_notes,
    regular,
)
from export.companions.groove import (
    Performance,
    loudness,
    of_three_beats,
    of_two_compound_beats,
    read,
)  # fmt: skip
from export.companions.role import Piece
from stream.compose.companions.drums import KIND
from stream.compose.companions.drums_grid import KICK, SLOTS
from stream.compose.companions.drums_rules import density, likeness
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import BASS, LEAD

HELD_OUT: Final = 16
"""One in so many performances of the train split chooses the best epoch, and is not learned."""
LIGHT: Final = (68.0, 4.2)
"""Mean velocity and hits a beat below both of which a performance may be called `light`."""
NO_TAGS: Final = np.zeros(0, np.float32)


class DrumCorpus:
    """Excerpts of performances."""

    def __init__(self, performances: Sequence[Performance]) -> None:
        whole = [each for each in performances if each.bars >= 1]
        learned = [each for each in whole if crc32(each.name.encode()) % HELD_OUT]
        self.beats = [each for each in learned if not each.fill]
        self.fills = [each for each in learned if each.fill and each.bar == 192 and each.bars <= 2]
        self._held = [each for each in whole if not each.fill and each not in learned]
        self._waltzes = [of_three_beats(each) for each in self.beats if each.bar == 192]
        self._jigs = [
            of_two_compound_beats(each) for each in self.beats if each.bar == 192 and each.triplets
        ]
        self.energies = energies(self.beats)

    def train(self, rng: np.random.Generator) -> Sequence[Piece]:
        """Return a third of the recordings, fills that end phrases, and other meters."""
        found = []
        for pieces, share in ((self.beats, 1 / 3), (self._waltzes, 1 / 24), (self._jigs, 1 / 4)):
            for whole in pieces:
                found += [self._piece(e, rng) for e in cut(whole, rng) if rng.random() < share]
        for fill in self.fills:
            if rng.random() < 1 / 4 and (groove := self._before(fill, rng)) is not None:
                found.append(self._piece(groove, rng))
        return found

    def valid(self) -> Sequence[Piece]:
        """Return the held-out performances in three phrases of four bars each."""
        return [
            piece_of(excerpt, self.energies, None)
            for whole in self._held
            for excerpt in regular(whole, 3)[:4]
        ]

    def _piece(self, excerpt: Excerpt, rng: np.random.Generator) -> Piece:
        style = style_for(excerpt.whole, rng)
        return piece_of(dataclasses.replace(excerpt, style=style), self.energies, rng)

    def _before(self, fill: Performance, rng: np.random.Generator) -> Excerpt | None:
        """Return a closing phrase that ends with a fill, after bars of the same style and tempo."""
        near = [
            each for each in self.beats
            if each.style == fill.style and abs(np.log2(each.bpm / fill.bpm)) < 0.3
            and each.bar == fill.bar and each.bars >= PHRASE
        ]  # fmt: skip
        if not near:
            return None
        groove = near[rng.integers(len(near))]
        bars = PHRASE - fill.bars
        begin = int(rng.integers(groove.bars - bars + 1)) * fill.bar
        kept = [n.moved(-begin) for n in groove.notes if begin <= n.onset < begin + bars * fill.bar]
        notes = (*kept, *(note.moved(bars * fill.bar) for note in fill.notes))
        whole = dataclasses.replace(fill, notes=notes)
        return Excerpt(whole, 0, (PHRASE * fill.bar,), fill.style, closing=True)


def style_for(whole: Performance, rng: np.random.Generator) -> str:
    """Return the style by which a performance is called once: sometimes none, or `light`."""
    if rng.random() < 0.1:
        return ""
    soft = is_light(whole) and rng.random() < 0.6
    return "light" if soft else whole.style


def is_light(whole: Performance) -> bool:
    """Return True if a performance is soft, sparse, and in straight rhythm or compound meter."""
    beats = max(len(whole.frames) * FRAME / whole.beat, 1)
    limits = loudness(whole.notes) <= LIGHT[0], len(whole.notes) / beats <= LIGHT[1]
    return all(limits) and (whole.beat == 72 or not whole.triplets)


Energies = dict[str, list[float]]
"""Sorted efforts of the phrases of a style; `` of all."""


def energies(performances: Sequence[Performance]) -> Energies:
    """Return the efforts of phrases of four bars by style."""
    found: Energies = {}
    for whole in performances:
        names = {"", whole.style, *(["light"] if is_light(whole) else [])}
        for excerpt in regular(whole, 1):
            value = effort(phrase_notes(excerpt)[0], whole)
            for name in names:
                found.setdefault(name, []).append(value)
    return {name: sorted(values) for name, values in found.items()}


def effort(notes: Sequence[Note], whole: Performance, bars: int = PHRASE) -> float:
    """Return the loudness of notes, in velocities, plus six for each hit a beat."""
    return loudness(notes) + 6 * len(notes) * whole.beat / (bars * whole.bar)


def energy(notes: Sequence[Note], excerpt: Excerpt, ticks: int, table: Energies) -> float:
    """Return the share of the phrases of the excerpt's style that have less effort."""
    values = table.get(excerpt.style) or table[""]
    bars = max(ticks // excerpt.whole.bar, 1)
    return float(np.searchsorted(values, effort(notes, excerpt.whole, bars))) / len(values)


def piece_of(excerpt: Excerpt, table: Energies, rng: np.random.Generator | None) -> Piece:
    """Return a piece; `rng` makes substitutes of lead and bass, without it there are none."""
    frames = frames_of(excerpt)
    parts = substitutes(frames, excerpt.whole.beat, rng) if rng is not None else {}
    context = contexts(excerpt, table, parts)
    return Piece(frames, context, NO_TAGS)


def contexts(excerpt: Excerpt, table: Energies, parts: dict[str, tuple[Note, ...]]) -> Floats:
    """Return the context of each frame [T, C], phrase by phrase, each with its own energy."""
    rows, past = [], 0
    for i, notes in enumerate(phrase_notes(excerpt)):
        score = score_of(excerpt, i, energy(notes, excerpt, excerpt.lengths[i], table))
        heard = {role: tuple(n.moved(-past) for n in found) for role, found in parts.items()}
        score = dataclasses.replace(score, parts=heard)
        rows.append(KIND.context(score, 0, score.length // FRAME))
        past += score.length
    return np.concatenate(rows)


def score_of(excerpt: Excerpt, phrase: int, level: float) -> Score:
    """Return the score of a phrase without notes; `level` is its energy."""
    whole, lengths = excerpt.whole, excerpt.lengths
    return Score(
        {}, lengths[phrase], whole.bar, whole.beat, sum(lengths[:phrase]), lengths[:phrase],
        excerpt.closing and phrase == len(lengths) - 1, level, whole.bpm, excerpt.style,
    )  # fmt: skip


def substitutes(frames: Ints, beat: int, rng: np.random.Generator) -> dict[str, tuple[Note, ...]]:
    """Return notes that stand for a bass and a lead; none in half of the cases each."""
    count, step = len(frames), beat // FRAME
    eighths = np.arange(count) % 2 == 0
    beats = np.arange(count) % step == 0
    kicks, loud = frames[:, KICK] > 0, (frames[:, : len(SLOTS)] > 7).any(1)
    with_kick = (kicks & (rng.random(count) < 0.8)) | (eighths & (rng.random(count) < 0.12))
    steady = (beats if rng.random() < 0.5 else eighths) & (rng.random(count) < 0.93)
    bass = with_kick if rng.random() < 0.6 else steady
    busy = rng.choice([0.1, 0.3, 0.6])
    lead = (loud & (rng.random(count) < 0.35)) | (eighths & (rng.random(count) < busy))
    return {
        role: tuple(Note(FRAME * int(t), FRAME, 60) for t in np.flatnonzero(struck))
        for role, struck in ((BASS, bass), (LEAD, lead)) if rng.random() < 0.5
    }  # fmt: skip


class Drums:
    """The role of the drums in training."""

    name = "drums"
    kind = KIND
    tags: tuple[str, ...] = ()
    hidden = 160
    echo = (16, 12, 32)

    def corpus(self, corpora: Path) -> DrumCorpus:
        """Return the drummers' performances of the train split. Raises `CorpusError`."""
        return DrumCorpus(read(corpora, "train"))


ROLE = Drums()


def bounds(corpora: Path) -> dict[str, list[float]]:
    """Return the bounds of the rules: density by third of the energy, and likeness."""
    corpus = ROLE.corpus(corpora)
    rows = []
    for whole in corpus.beats:
        for excerpt in (e for e in regular(whole, 1) if whole.bar == 192):
            notes, frames = phrase_notes(excerpt)[0], frames_of(excerpt)
            level = energy(notes, excerpt, excerpt.lengths[0], corpus.energies)
            rows.append((level, density(frames, whole.beat), likeness(frames, 16),
                         float(frames[0, : len(SLOTS)].any())))  # fmt: skip
    table = np.array(rows)
    third = np.minimum((table[:, 0] * 3).astype(int), 2)
    found = {
        f"hits a beat, third {i}": np.percentile(table[third == i, 1], [2, 5, 50, 95, 98]).tolist()
        for i in range(3)
    }
    found["likeness"] = np.percentile(table[:, 2], [2, 5, 50, 95, 98]).tolist()
    found["first downbeat"] = [float(table[:, 3].mean())]
    return found


if __name__ == "__main__":
    for name, values in bounds(Path(sys.argv[1])).items():
        print(name, [round(value, 3) for value in values])
