"""The sets that are compared: real music, what stands beside it, and controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.ensemble.band_features import Piece
from benchmarks.ensemble.band_features import excerpts as two_bars
from benchmarks.ensemble.band_pieces import shuffled
from benchmarks.ensemble.two_sample import Sample
from benchmarks.ensemble.whole import PLANS
from benchmarks.field import composing, real_parts
from benchmarks.field.excerpt import Excerpt, of_melody, windows
from benchmarks.music.real.neutral import Neutral, excerpts
from benchmarks.music.real.realism_table import feature_table
from benchmarks.music.real.style_tunes import style_of
from benchmarks.music.real.surprise import Chains
from benchmarks.music.realism import LENGTHS, MOST, USUAL
from benchmarks.music.tunes import Tune
from stream.compose.tunes.tune import Melody
from stream.ensembles.ensemble import SOLO
from stream.errors import SettingsError

REAL, OTHER_REAL = "real, held out", "real, training tunes"
CHAIN, OTHER_PARTS = "chain of order 3", "real, another piece's parts"
CONTROLS = (CHAIN, OTHER_PARTS)
"""Systems that must lose."""
SHIPPED = "commons"
FEWEST = 8
"""Fewest tunes of a system that are compared."""
ROWS = 300
"""Most excerpts of two bars of a system."""
PIECES = 60
"""Most real pieces of a corpus."""


class Part(NamedTuple):
    """Music in parts that is composed, and the corpus that it is set beside."""

    voice: str
    style: str
    ensemble: str
    corpus: str
    form: composing.PieceOf = composing.as_it_is
    """Brings composed music into the form of the corpus."""


VOICES = {
    "chorale": Part("chorale", "bach", SOLO, "jsb_chorales_16th"),
    "rnn-dbn": Part("rnn-dbn", "jsb", SOLO, "jsb_chorales", composing.skyline),
    "piano": Part("piano", "piano", SOLO, "piano_midi", composing.skyline),
    "session": Part("session", "song", SOLO, "openewld_leadsheets", composing.with_chords_alone),
    "blues": Part("blues", "major", SOLO, "freedoom_band"),
}
ENSEMBLES = {
    f"ensemble {name}": Part(plan.voice, plan.style, name, plan.corpus)
    for name, plan in PLANS.items()
    if name != SOLO
}


@dataclass(frozen=True, slots=True)
class System:
    """Excerpts of one system: for `smg-metrics`, and as features of this project's own test."""

    name: str
    excerpts: Sequence[Excerpt]
    features: Sample


@dataclass(frozen=True, slots=True)
class Compared:
    """Real music, and systems that are set beside it."""

    name: str
    real: System
    systems: Sequence[System]


def melody_set(
    own: Sequence[Melody],
    composed: Sequence[Tune],
    visitors: Mapping[str, Sequence[Neutral]],
    most: int,
) -> Compared:
    """Return the melodies of one style; visitors are tunes of programs of others.

    Raises `SettingsError` if the real or the composed tunes are too few.
    """  # fmt: skip
    name = own[0].style
    length = LENGTHS.get(name, USUAL)[0]
    style = style_of(name, own, composed, most)
    tunes = {
        SHIPPED: style.composed,
        OTHER_REAL: style.train,
        CHAIN: style.markov,
        **visitors,
    }
    found = [_melodies(n, t, length, most, style.chains) for n, t in tunes.items()]
    real = _melodies(REAL, style.held, length, most, style.chains)
    if real is None or found[0] is None:
        raise SettingsError(f"{name}: fewer than {FEWEST} tunes of {length} notes; --minutes more")
    return Compared(f"{name}, {length} notes", real, [each for each in found if each])


def _melodies(
    name: str, tunes: Sequence[Neutral], length: int, most: int, chains: Chains
) -> System | None:
    """Return excerpts of the tunes, or None if too few are long enough."""
    long = [tune for tune in tunes if len(tune) >= length]
    if len(long) < FEWEST:
        return None
    rng = np.random.default_rng(length)
    each = min(max(round(most / len(long)), 1), MOST)
    chosen = [long[i] for i in rng.permutation(len(long))[:most]]
    parts = excerpts(chosen, length, each, rng)
    return System(name, [of_melody(p) for p in parts], feature_table(parts, chains).sample)


def part_set(name: str, part: Part, minutes: float, seed: int) -> tuple[str, list[Piece]]:
    """Return what is composed, as pieces of the form of its corpus."""
    found = composing.pieces(part.voice, part.style, part.ensemble, minutes, seed)
    return name, [part.form(piece) for piece in found]


def compared_parts(
    name: str, part: Part, composed: Sequence[Piece], corpora: Path, most: int
) -> Compared:
    """Return composed music in parts beside its corpus."""
    real = real_parts.pieces(corpora, part.corpus, PIECES)
    mixed = shuffled(real, np.random.default_rng(0))
    systems = [
        _parts(name, composed, most), _parts(OTHER_PARTS, mixed, most)
    ]  # fmt: skip
    where = f"{part.style} of {part.voice}, {part.ensemble}, beside {part.corpus}"
    return Compared(where, _parts(REAL, real, most), systems)


def _parts(name: str, pieces: Sequence[Piece], most: int) -> System:
    found = list(windows(pieces))
    rng = np.random.default_rng(0)
    chosen = [found[i] for i in np.sort(rng.permutation(len(found))[:most])]
    rows = [two_bars(piece) for piece in pieces]
    groups = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    table = np.concatenate([each for each in rows if len(each)])
    kept = np.sort(rng.permutation(len(table))[:ROWS])
    return System(name, chosen, Sample(table[kept], groups[kept]))
