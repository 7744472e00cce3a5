"""The measurement of bass and comping: bits per frame, and features of phrases beside real ones.

Protocol. Held-out pieces are those of the training's split by variants. Bits: the frames of whole
pieces are forced through the voice, phrase by phrase as in training; the energy that is told is the
rank of the phrase's own density, or 0.5 (untold). Baselines are frequencies of each head in the
training pieces, add-one smoothed, by place in the bar, and by place and the action before.

Features: the voice composes the part of each phrase of held-out pieces, with the other parts, the
chords and the energy of the real phrase, and its own phrase before as its past. Beside it stand the
real part, and controls that must lose. Trees are trained to tell each system from real music.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.ensemble.part_features import Features
from benchmarks.ensemble.two_sample import Sample, aucs, halves, within
from benchmarks.record import Record
from export.companions.accompaniment import HELD_OUT, Accompaniments, Setting, Source
from export.companions.role import Piece
from export.companions.roles import ROLES
from export.corpus.arrangement import Arrangement
from stream.compose.companions.companion import Companion
from stream.compose.companions.score import Notes, Score
from stream.compose.forcing import outputs
from stream.compose.step import Point

BARS = 20
"""Bars of a piece that are measured."""
CANDIDATES = 6
COUNTED = 40
"""Training pieces of each source that the baselines count."""
SEEDS = 3

Measure = Callable[[Notes, Score], Features]
Control = Callable[[Notes, Score, np.random.Generator], Notes]


@dataclass(frozen=True, slots=True)
class Part:
    """One companion with its measures."""

    name: str
    measure: Measure
    controls: dict[str, Control]


def records(part: Part, corpora: Path, voice: Path, pieces: int) -> list[Record]:
    """Return all figures of a companion; it composes for so many held-out pieces, at most."""
    role = ROLES[part.name]
    corpus = role.corpus(corpora)
    assert isinstance(corpus, Accompaniments)  # noqa: S101 (both roles have it)
    companion = Companion(voice, role.kind, part.name)
    held = list(corpus.held_out())
    order = np.random.default_rng(0).permutation(len(held))
    held = [held[i] for i in order]
    found = likelihoods(corpus, companion, held[: 2 * pieces])
    found += compared(part, corpus, companion, held[:pieces])
    return [*found, *dense(corpus, companion, held[:6])]


def likelihoods(
    corpus: Accompaniments, companion: Companion, held: Sequence[tuple[Source, Arrangement]]
) -> list[Record]:
    """Return the bits per frame of voice and baselines on held-out pieces of each style."""
    learnt, found = counted(corpus), []
    for style in dict.fromkeys(source.style for source, _ in held):
        told, untold = ([_piece(corpus, s, a, energy_told=known) for s, a in held
                         if s.style == style] for known in (True, False))  # fmt: skip
        told, untold = [p for p in told if len(p)], [p for p in untold if len(p)]
        frames = sum(map(len, told))
        same = [piece for piece in learnt if np.array_equal(piece.tags, told[0].tags)]
        systems = {
            "voice": voice_bits(companion, told),
            "voice, energy untold": voice_bits(companion, untold),
            "frequencies by place": Frequencies(same, companion.kind.heads, 0).bits(told),
            "frequencies by place and action before":
                Frequencies(same, companion.kind.heads, 1).bits(told),
        }  # fmt: skip
        found += [
            Record(name, f"held out, {style}", "bits per frame", "bits", round(bits, 4), n=frames)
            for name, bits in systems.items()
        ]
    return found


def counted(corpus: Accompaniments) -> list[Piece]:
    """Return training pieces whose frames are counted: as many of each source."""
    rng, found = np.random.default_rng(1), []
    for source in corpus.sources:
        learnt = [a for a in source.arrangements if a.group % HELD_OUT]
        for i in rng.permutation(len(learnt))[:COUNTED]:
            made = corpus.made(source, learnt[i], rng)
            found.append(corpus.piece(source, made, Setting(bars=BARS)))
    return found


def _piece(
    corpus: Accompaniments, source: Source, arrangement: Arrangement, *, energy_told: bool
) -> Piece:
    made = corpus.made(source, arrangement, np.random.default_rng(arrangement.group))
    return corpus.piece(source, made, Setting(bars=BARS, energy_told=energy_told))


def voice_bits(companion: Companion, pieces: Sequence[Piece]) -> float:
    """Return the mean bits per frame of a companion on pieces."""
    nats, frames, step = 0.0, 0, companion.step
    for piece in pieces:
        points = (
            Point(np.zeros((1, 0), np.float32), piece.tags[None], 1.0, context=heard[None])
            for heard in piece.context
        )
        found = outputs(step, step.initial(), piece.frames, points)
        nats -= sum(float(out.log_prob[0]) for out in found)
        frames += len(piece)
    return nats / frames / math.log(2)


class Frequencies:
    """Counts of each head by the place in the bar and, for order 1, the action before."""

    def __init__(self, pieces: Sequence[Piece], heads: Sequence[int], order: int) -> None:
        self._heads, self._order = heads, order
        self._counts = [np.ones((24 * 8 * 5, heads[0], c)) for c in heads]
        for piece in pieces:
            where = self._where(piece)
            for head, counts in enumerate(self._counts):
                action = piece.frames[:, 0] if head else np.zeros(len(piece), np.int64)
                np.add.at(counts, (where, action, piece.frames[:, head]), 1)

    def bits(self, pieces: Sequence[Piece]) -> float:
        """Return the mean bits per frame; heads after the first count for strokes alone."""
        total, frames = 0.0, 0
        for piece in pieces:
            where = self._where(piece)
            for head, counts in enumerate(self._counts):
                action = piece.frames[:, 0] if head else np.zeros(len(piece), np.int64)
                share = counts / counts.sum(-1, keepdims=True)
                found = -np.log2(share[where, action, piece.frames[:, head]])
                total += float(found[action >= 2].sum() if head else found.sum())
            frames += len(piece)
        return total / frames

    def _where(self, piece: Piece) -> np.ndarray:
        """Return a number for the place of each frame, which the context tells one-hot."""
        in_beat = piece.context[:, :6].argmax(1)
        beat = np.minimum(piece.context[:, 6:12].argmax(1), 3)
        meter = piece.context[:, 13:17].argmax(1) % 2
        before = np.concatenate([[4], piece.frames[:-1, 0]]) if self._order else 0
        return np.asarray(((in_beat * 4 + beat) * 2 + meter) * 5 + before)


def compared(
    part: Part, corpus: Accompaniments, companion: Companion,
    held: Sequence[tuple[Source, Arrangement]],
) -> list[Record]:  # fmt: skip
    """Return the features of all systems beside real phrases, and how well trees tell them."""
    rng = np.random.default_rng(2)
    rows: dict[str, list[Features]] = {}
    groups: list[int] = []
    for source, arrangement in held:
        for score, real, ours in phrases(corpus, companion, source, arrangement):
            systems = {"real": real, "voice": ours}
            systems |= {name: make(real, score, rng) for name, make in part.controls.items()}
            groups.append(arrangement.group)
            for name, notes in systems.items():
                rows.setdefault(name, []).append(part.measure(notes, score))
    names = list(rows["real"][0])
    tables = {s: np.array([[r[n] for n in names] for r in rows[s]]) for s in rows}
    found = []
    for system, table in tables.items():
        inside = within(tables["real"], table)
        for i, name in enumerate(names):
            found.append(_record(system, name, table[:, i], tables["real"][:, i], inside[i]))
    samples = {s: Sample(table, np.array(groups)) for s, table in tables.items()}
    found += [_told(system, sample, samples["real"]) for system, sample in samples.items()]
    return found


def _record(system: str, name: str, values: np.ndarray, real: np.ndarray, inside: float) -> Record:
    low, high = np.nanpercentile(real, [10, 90])
    beside = f"{inside:.0%} within the real 10-90 %: {low:.3g} to {high:.3g}"
    mean, sd = float(np.nanmean(values)), float(np.nanstd(values))
    return Record(system, "phrases", name, "", round(mean, 4), round(sd, 4), len(values), beside)


def _told(system: str, sample: Sample, real: Sample) -> Record:
    """Return the area under the curve; for real music that of its two halves."""
    pair = halves(real, 0) if system == "real" else (real, sample)
    found = aucs(*pair, SEEDS)
    mean = round(fmean(found), 4)
    return Record(system, "phrases", "told from real, AUC", "", mean, n=len(sample.groups))


def phrases(
    corpus: Accompaniments, companion: Companion, source: Source, arrangement: Arrangement
) -> Iterator[tuple[Score, Notes, Notes]]:
    """Yield the score of each phrase, the real part, and the part that the companion composes."""
    (role,) = companion.kind.roles
    made = corpus.made(source, arrangement, np.random.default_rng(arrangement.group))
    past: Notes = ()
    for number, score in enumerate(corpus.phrases(source, made, Setting(bars=BARS))):
        real = tuple(n for n in score.notes(role) if n.onset >= 0)
        parts = {**score.parts, role: tuple(n.moved(-score.past) for n in past)}
        heard = dataclasses.replace(score, parts=parts, past=score.past if past else 0)
        choice = companion.compose(heard, (7, arrangement.group, number), CANDIDATES)
        past = choice.parts[role]
        yield score, real, past


def dense(
    corpus: Accompaniments, companion: Companion, held: Sequence[tuple[Source, Arrangement]]
) -> list[Record]:
    """Return onsets a bar at three energies."""
    found = []
    for energy in (0.1, 0.5, 0.9):
        counts = []
        for source, arrangement in held:
            made = corpus.made(source, arrangement, np.random.default_rng(0))
            for score in list(corpus.phrases(source, made, Setting(bars=BARS)))[:2]:
                told = dataclasses.replace(score, energy=energy, past=0)
                (notes,) = companion.compose(told, (8,), 1).parts.values()
                counts.append(len({n.onset for n in notes}) * score.bar / score.length)
        found.append(
            Record("voice", f"energy {energy:g}", "onsets a bar", "", round(fmean(counts), 3),
                   round(float(np.std(counts)), 3), len(counts))
        )  # fmt: skip
    return found
