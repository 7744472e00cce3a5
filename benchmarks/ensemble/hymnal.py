"""Four parts under held-out sopranos, beside real hymns, Bach's chorales and controls.

`python -m benchmarks.ensemble.hymnal --corpora FOLDER [--voice FILE]`. The sopranos are those of
hymns that no training has read, and those that the voice `commons` composes. Each excerpt is a
phrase of four bars; a phrase is primed by the one before, as in a stream.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean, stdev

import numpy as np

from benchmarks import record, script
from benchmarks.ensemble.four_parts import systems
from benchmarks.ensemble.four_parts.baseline import Frequencies
from benchmarks.ensemble.four_parts.features import Excerpt, auc, excerpt, measures
from benchmarks.music.tunes import Tune, played
from benchmarks.record import Record
from export.companions.four_parts import chorales, hymns
from export.companions.four_parts.song import Song
from export.companions.hymnal import MEASURED_FOLDS, split, training_folds
from stream.compose.companions.companion import Companion
from stream.compose.companions.kinds import kind_named
from stream.compose.composer import Composer
from stream.music.note import Controls
from stream.music.part import LEAD
from stream.voices.spec import COMPANIONS, find_voice

NAME = "hymnal"
FACTOR = 1.5
"""Times Bach's count that the goal allows."""
GOAL_AUC = 0.8
UNITS = {"parallels": "/bar", "crossings": "/bar", "leaps": "/bar"}
HELD_OUT, COMPOSED = "held-out sopranos", "composed sopranos"
LONGEST = 64
"""Most bars of a composed soprano that are set."""


def main(argv: list[str] | None = None) -> int:
    """Measure everything, write the results."""
    args = _parser().parse_args(argv)
    companion = Companion(args.voice, kind_named(NAME), NAME)
    tunes = hymns.read(args.corpora)
    songs, learned = split(tunes, MEASURED_FOLDS), split(tunes, training_folds())
    bach = [
        excerpt(s, song.group)
        for song in chorales.read(args.corpora, "test")
        for s in song.scores()
    ]
    real = systems.excerpts(songs, lambda song: song.scores())
    sets = {
        ("hymnal", HELD_OUT): _ours(companion, songs, args),
        ("real hymns", HELD_OUT): real,
        ("Bach", "test split"): bach,
        ("hymnal, one candidate", HELD_OUT): _ours(companion, songs, args, 1),
        ("each part shuffled", HELD_OUT): _control(songs, systems.shuffled),
        ("random chords, nearest tones", HELD_OUT): _control(songs, systems.nearest_tones),
        ("hymnal", COMPOSED): _ours(companion, _commons(args), args),
    }
    records = _counted(sets, measures_of(bach))
    records += [_auc(system, found, real) for (system, where), found in sets.items()
                if where == HELD_OUT and system != "real hymns"]  # fmt: skip
    records += _nats(companion, songs, learned)
    record.publish(NAME, records)
    return 0


def _parser() -> argparse.ArgumentParser:
    made = script.parser(NAME, __doc__)
    made.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    made.add_argument("--voice", type=Path, default=COMPANIONS / f"{NAME}.onnx", metavar="FILE")
    counts = [("candidates", 6, "candidates for a phrase"), ("seed", 1, "seed"),
              ("tunes", 12, "composed sopranos")]  # fmt: skip
    script.add_counts(made, counts)
    return made


def _ours(
    companion: Companion, songs: Sequence[Song], args: argparse.Namespace, candidates: int = 0
) -> list[Excerpt]:
    count = candidates or args.candidates
    return systems.excerpts(songs, lambda song: systems.composed(companion, song, args.seed, count))


def _control(songs: Sequence[Song], setting: systems.Setting) -> list[Excerpt]:
    return systems.excerpts(songs, lambda song: systems.controlled(song, setting, song.group))


def _commons(args: argparse.Namespace) -> list[Song]:
    """Return sopranos that the voice `commons` composes in the style `hymn`."""
    controls = Controls(style=((("hymn", 1.0),),), ensemble="solo", candidates=8)
    tunes = played(Composer(find_voice("commons")), args.seed, controls)
    return [_song(tune, i) for i, tune in enumerate(islice(tunes, args.tunes))]


def _song(tune: Tune, group: int) -> Song:
    phrase = tune.phrases[0]
    beat = 72 if tune.unit == 24 and phrase.bar % 72 == 0 else 48
    length = tune.begins[-1]
    return Song({LEAD: tune.notes}, length, phrase.bar, beat, hymns.STYLE, group)


def measures_of(found: Sequence[Excerpt]) -> dict[str, float]:
    """Return the means of the measures."""
    rows = [measures(each) for each in found]
    return {name: fmean(row[name] for row in rows) for name in rows[0]}


def _counted(sets: dict[tuple[str, str], list[Excerpt]], bach: dict[str, float]) -> list[Record]:
    records = []
    for (system, where), found in sets.items():
        rows = [measures(each) for each in found]
        for name in rows[0]:
            values = [row[name] for row in rows]
            goal = f"at most {FACTOR} x {bach[name]:.3g} (Bach)"
            mine = system == "hymnal" and name in {"parallels", "crossings", "out of range"}
            sd = stdev(values) if len(values) > 1 else None
            records.append(
                Record(system, where, name, UNITS.get(name, ""), fmean(values), sd, len(values),
                       goal if mine else None)
            )  # fmt: skip
    return records


def _auc(system: str, found: list[Excerpt], real: list[Excerpt]) -> Record:
    mean, sd = auc(found, real)
    goal = f"at most {GOAL_AUC}" if system == "hymnal" else None
    measure = "two-sample AUC against real hymns"
    return Record(system, HELD_OUT, measure, "", mean, sd, len(found) + len(real), goal)


def _nats(companion: Companion, songs: Sequence[Song], learned: Sequence[Song]) -> list[Record]:
    """Return the nats per frame of the held-out hymns, phrase by phrase from an empty past."""
    scores = [score for song in songs for score in song.scores()]
    counts = Frequencies(learned)
    ours = np.concatenate([companion.bits(score) for score in scores]) * math.log(2)
    theirs = np.concatenate([counts.nats(score) for score in scores])
    return [
        Record(system, "held-out hymns", "likelihood", "nats/frame", float(nats.mean()), None,
               len(nats))
        for system, nats in (("hymnal", ours), ("position-wise frequencies", theirs))
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
