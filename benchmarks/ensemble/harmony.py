"""Harmony of melodies: the companion beside a hidden Markov harmoniser, real chords and chance.

    python -m benchmarks.ensemble.harmony --corpora CORPORA

Held-out lead sheets, hymns and solos are harmonized phrase by phrase; so are folk tunes of a
collection that no companion learns from, and melodies that a voice composes.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import record, script
from benchmarks.ensemble.harmonic import markov as harmony_markov
from benchmarks.ensemble.harmonic import measures as harmony_measures
from benchmarks.ensemble.harmonic import systems as harmony_systems
from benchmarks.ensemble.harmonic import tunes as harmony_tunes
from benchmarks.record import Record
from export.companions.harmony import changes_a_bar
from export.companions.harmony_songs import Song, read_folk, read_songs
from stream.compose.companions.companion import Companion
from stream.compose.companions.harmony import Harmony
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.frames import Ints

NAME: Final = "harmony"
VOICES: Final = Path(__file__).parents[2] / "stream" / "voices"
GOAL: Final = 1.15
"""Agreement of the companion's likeliest chords, as a multiple of the hidden Markov model's."""
GUESSES: Final = 32
"""Candidates whose commonest chord is the companion's best guess."""
OURS, LIKELY, MARKOV, CHANCE, REAL = "companion", "companion, likeliest", "Markov", "chance", "real"
MOST_BARS: Final = 48
"""Bars of a song that are measured: solos are long."""
SETS: Final = {"song": "lead sheets", "folk": "lead sheets", "hymn": "hymns", "jazz": "solos"}
FOLK: Final = "Nottingham"
COMPOSED: Final = ("folk", "hymn", "jazz", "song")
"""Styles in which a voice composes melodies."""
BANDS: Final = {"folk": FOLK, "hymn": "hymns", "jazz": "solos", "song": "lead sheets"}
"""Real music whose bands a composed melody of a style is measured by."""

System = Callable[[Song, int], Ints]
Rows = list[tuple[float, ...]]


@dataclass
class Figures:
    """All measures of one set of tunes."""

    rows: dict[str, Rows] = field(default_factory=lambda: defaultdict(list))
    """`MEASURES` of each tune, by system."""
    agreement: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Agreement in root, and in root and quality, of each tune, by system."""
    bits: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Bits, and changes of chord, by system."""


def measure(songs: Sequence[Song], systems: Mapping[str, System]) -> Figures:
    """Return the figures of all systems on songs that have real chords."""
    figures = Figures()
    truths = [harmony_tunes.by_beat(song) for song in songs]
    moves = [harmony_measures.motions(truth) for truth in truths]
    for i, (song, truth) in enumerate(zip(songs, truths, strict=True)):
        others = np.sum(moves, 0) - moves[i]
        figures.rows[REAL].append(harmony_measures.measured(song, truth, others))
        for name, system in systems.items():
            chords = system(song, i)
            figures.rows[name].append(harmony_measures.measured(song, chords, others))
            figures.agreement[name].append(harmony_measures.agreement(chords, song, truth))
    return figures


def measure_composed(songs: Sequence[Song], systems: Mapping[str, System], real: Ints) -> Figures:
    """Return the figures on melodies without chords; `real` are motions of real roots [12]."""
    figures = Figures()
    for i, song in enumerate(songs):
        for name, system in systems.items():
            if name == LIKELY:
                continue
            row = harmony_measures.measured(song, system(song, i), real)
            figures.rows[name].append(row)
    return figures


def systems_of(
    companion: Companion, model: harmony_markov.Markov, rate: float, candidates: int
) -> dict[str, System]:
    """Return the systems; chance changes chords `rate` times a bar."""
    compose = harmony_systems.composed
    return {
        OURS: lambda song, i: compose(companion, song, i, candidates),
        LIKELY: lambda song, i: harmony_systems.likeliest(companion, song, i, GUESSES),
        MARKOV: lambda song, _: harmony_systems.viterbi(model, song),
        CHANCE: lambda song, i: harmony_systems.by_chance(song, rate, np.random.default_rng(i)),
    }


def add_bits(
    figures: Figures, songs: Sequence[Song], companion: Companion, model: harmony_markov.Markov
) -> None:
    """Add the bits of the real chords by the companion and by the hidden Markov model."""
    ours = [harmony_systems.bits_per_change(companion, song) for song in songs]
    changes = sum(count for _, count in ours)
    figures.bits[OURS] = sum(bits for bits, _ in ours), changes
    found = [harmony_tunes.beats(song) for song in songs]
    nats = sum(model.nats(tune.heard, tune.chords) for tune in found)
    figures.bits[MARKOV] = nats / math.log(2), changes


def best_markov(songs: Sequence[Song]) -> harmony_markov.Markov:
    """Return the model, of two that counted more or less, that agrees most with held-out sheets."""
    train = [song for song in songs if song.split == "train"]
    held = [song for song in songs if song.split == "valid" and SETS[song.style] == "lead sheets"]
    choices = [("song", "folk"), ("song", "folk", "hymn"), ("song", "folk", "hymn", "jazz")]
    models = [
        harmony_markov.trained([harmony_tunes.beats(s) for s in train if s.style in styles])
        for styles in choices
    ]

    def right(model: harmony_markov.Markov) -> float:
        return sum(
            harmony_measures.agreement(
                harmony_systems.viterbi(model, song), song, harmony_tunes.by_beat(song)
            )[1]
            for song in held
        )

    return max(models, key=right)


def test_sets(songs: Sequence[Song], folk: Sequence[Song], most: int) -> dict[str, list[Song]]:
    """Return the tunes that are measured, by the name of their set, at most so many of each."""
    found: dict[str, list[Song]] = defaultdict(list)
    for song in songs:
        if song.split == "test":
            found[SETS[song.style]].append(song)
    found[FOLK] = list(folk[:: max(len(folk) // most, 1)])
    return {name: [shortened(song) for song in chosen[:most]] for name, chosen in found.items()}


def shortened(song: Song) -> Song:
    """Return the first bars of a song, all of most."""
    ticks = min(song.length, MOST_BARS * song.bar)
    notes = tuple(note for note in song.notes if note.end <= ticks)
    return replace(song, notes=notes, chords=song.chords[: ticks // FRAME])


def figures_of(args: argparse.Namespace) -> dict[str, Figures]:
    """Return all figures, by set."""
    songs = read_songs(args.corpora)
    companion = Companion(args.voice, Harmony(), NAME)
    model = best_markov(songs)
    sets = test_sets(songs, read_folk(args.corpora), args.tunes)
    found, rates, real = {}, {}, {}
    for name, chosen in sets.items():
        rates[name] = float(np.mean([changes_a_bar(song) for song in chosen]))
        real[name] = np.sum([harmony_measures.motions(s.chords) for s in chosen], 0)
        systems = systems_of(companion, model, rates[name], args.candidates)
        found[name] = measure(chosen, systems)
        add_bits(found[name], chosen, companion, model)
    for style in COMPOSED:
        like = BANDS[style]
        tunes = harmony_tunes.composed(args.melodies, style, 1, args.composed)
        systems = systems_of(companion, model, rates[like], args.candidates)
        found[f"composed {style}"] = measure_composed(tunes, systems, real[like])
    return found


def records_of(found: Mapping[str, Figures]) -> list[Record]:
    """Return the records of all sets."""
    records = []
    for name, figures in found.items():
        like = BANDS[name.split()[-1]] if name.startswith("composed") else name
        bands = harmony_measures.bands(found[like].rows[REAL])
        for system, rows in figures.rows.items():
            beside = {m: f"{low:.3g} to {high:.3g}" for m, (low, high) in bands.items()}
            records += [
                Record(system, name, measure, "", value, n=len(rows), paper=beside[measure])
                for measure, value in harmony_measures.means(rows).items()
            ]
        records += _agreements(name, figures)
        records += [
            Record(system, name, "bits per change", "bits", bits / changes, n=changes)
            for system, (bits, changes) in figures.bits.items()
        ]
    return records


def _agreements(name: str, figures: Figures) -> list[Record]:
    records, words = [], ("root agrees", "root and quality agree")
    for system, rows in figures.agreement.items():
        for i, word in enumerate(words):
            values = [row[i] for row in rows]
            beside = np.mean([row[i] for row in figures.agreement[MARKOV]]) * GOAL
            records.append(
                Record(
                    system, name, word, "", float(np.mean(values)), float(np.std(values, ddof=1)),
                    len(values), f">= {beside:.3g}" if system == LIKELY else None,
                )
            )  # fmt: skip
    return records


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write the results."""
    from benchmarks.ensemble.harmonic import page as harmony_page

    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--voice", type=Path, default=VOICES / "companions" / "harmony.onnx")
    parser.add_argument("--melodies", type=Path, default=VOICES / "commons.onnx")
    counts = [
        ("tunes", 21, "most tunes of a set"),
        ("composed", 6, "tunes that are composed in each style"),
        ("candidates", 6, "candidates for each phrase"),
    ]
    script.add_counts(parser, counts)
    args = parser.parse_args(argv)

    def action() -> None:
        script.require_positive(args, "tunes", "composed", "candidates")
        records = records_of(figures_of(args))
        record.publish(NAME, records, page=harmony_page.page(records))

    return script.run(action)


if __name__ == "__main__":
    sys.exit(main())
