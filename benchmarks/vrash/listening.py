"""Tunes played by every system in one style, and their memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.record import Record
from benchmarks.vrash import memory as mi
from benchmarks.vrash.acceptance import Bounds, passes
from benchmarks.vrash.tunes import Performer, filtered, places
from export.models.melody import MelodyModel
from export.papers.vrash.free_play import Tokens
from export.papers.vrash.mutual_information import Curve
from stream.compose.tunes.tune import Melody


@dataclass(frozen=True, slots=True)
class Scope:
    """Limits of what is played and measured."""

    tunes: int = 1000
    """Most tunes of a style; fewer if the corpus has fewer."""
    rounds: int = 8
    """Most tunes offered to the filter for each place."""
    farthest: int = mi.FAR
    effort: mi.Effort = field(default_factory=mi.Effort)


@dataclass(frozen=True, slots=True)
class Played:
    """The real and the played tunes of one style."""

    real: list[Tokens]
    played: dict[str, list[list[Tokens]]]
    """Played tunes by system and seed, one for each real tune."""
    curves: dict[str, Curve]
    records: list[Record]


def play(
    style: str,
    systems: Mapping[str, Sequence[MelodyModel]],
    melodies: Sequence[Melody],
    bounds: Mapping[str, Bounds],
    scope: Scope,
) -> Played:
    """Play a tune for each real tune of the style, filtered by each of `bounds`.

    The curve of a system is that of a mixed set: tune i is by seed i modulo the number of seeds.
    """
    chosen = places(melodies, style, scope.tunes)
    performers = {
        name: [Performer(model, melodies, style) for model in models]
        for name, models in systems.items()
    }
    real = [m.tokens for m in chosen]
    played = {
        name: [p.play(chosen, seed=100 + i) for i, p in enumerate(own)]
        for name, own in performers.items()
    }
    sources = {"real": real} | {
        name: [seeds[i % len(seeds)][i] for i in range(len(chosen))]
        for name, seeds in played.items()
    }
    records = []
    for other, limits in bounds.items():
        name = mi.SOURCES[-1] if other == style else mi.ACROSS.format(other=other)
        passed, share = _passed(performers["VRASH"], chosen, limits, scope.rounds)
        sources[name] = passed
        own = sum(passes(tune, limits) for tune in real) / len(real)
        records.append(Record(name, style, mi.REAL_ACCEPTED, "", own, n=len(real)))
        records.append(Record(name, style, mi.ACCEPTED, "", share))
        records.append(Record(name, style, mi.FILLED, "", len(passed) / len(chosen)))
    curves, found = _memory(style, sources, played, scope)
    return Played(real, played, curves, records + found)


def _passed(
    performers: Sequence[Performer], chosen: Sequence[Melody], limits: Bounds, rounds: int
) -> tuple[list[Tokens], float]:
    """Return the tunes that pass, with the places split among the seeds, and the passing share."""
    passed: dict[int, Tokens] = {}
    shares = []
    for first, performer in enumerate(performers):
        own = range(first, len(chosen), len(performers))
        found, share = filtered(
            performer, [chosen[i] for i in own], lambda tune: passes(tune, limits),
            seed=1000 * (first + 1), rounds=rounds,
        )  # fmt: skip
        passed |= {own[i]: tune for i, tune in found.items()}
        shares.append(share)
    return [passed[i] for i in sorted(passed)], sum(shares) / len(shares)


def _memory(
    style: str,
    sources: Mapping[str, Sequence[Tokens]],
    played: Mapping[str, Sequence[Sequence[Tokens]]],
    scope: Scope,
) -> tuple[dict[str, Curve], list[Record]]:
    """Return the curves of pitch class by source, and the records of both alphabets."""
    far = mi.reach(sources["real"], scope.farthest)
    if not far:
        return {}, []
    curves = {}
    records = [Record("real", f"{style}, pitch class", mi.FARTHEST, "notes", far)]
    for name, tunes in sources.items():
        if mi.reach(tunes, far) < far:
            continue
        for alphabet in mi.ALPHABETS:
            curve = mi.measured(tunes, alphabet, far, scope.effort)
            records += mi.records(name, style, alphabet, curve, len(tunes))
            if alphabet == "pitch class" and name in mi.SOURCES:
                curves[name] = curve
    for name, seeds in played.items():
        records += mi.by_seed(name, style, seeds, far, scope.effort)
    return curves, records
