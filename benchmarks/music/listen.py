"""Five minutes of each style, compared with real tunes by entropies.

Entropies of pitch class, duration and interval are taken over stretches of 32 notes within a tune.
Those of the rendered stream are compared with the 10-90 % band of real tunes of the style outside
the training set. Durations are multiples of each tune's median, as the voice encodes them. The lead
is rendered alone, at 120 quarter notes a minute whatever tempo a tune has of its own, so that five
minutes hold as many bars with every voice; the real tunes are in the form of the voice's training.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.record import RESULTS, Readings, Record, publish
from export.corpus.dataset import split_of
from stream.compose.filter.entropy import SERIES, entropies
from stream.compose.melody.score import normalized
from stream.compose.melody.vocabulary import REST, TWELFTHS, Token, decode_pitch
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.observer import NullObserver, Snapshot
from stream.play.render import render
from stream.play.session import Session
from stream.play.sinks.midifile import MidiFileSink
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice, read_spec

NAME = "listen"
BPM = 120.0
STRETCH = 32
"""Number of notes in a stretch."""
MEASURES = {"pitch class": "pitch_class", "duration": "length", "interval": "pitch_step"}
BAND = (10, 90)
"""Percentiles of real stretches that bound the band."""

Bits = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The entropies of real and of rendered stretches of one style (bits)."""

    style: str
    real: Bits
    ours: Bits

    def band(self, measure: str) -> tuple[float, float]:
        low, high = np.percentile(self.real[measure], BAND)
        return float(low), float(high)

    def inside(self, measure: str) -> bool:
        low, high = self.band(measure)
        return bool(low <= self.ours[measure].mean() <= high)


class Tunes(NullObserver):
    """An observer that collects the notes of each tune of a rendering."""

    def __init__(self) -> None:
        self.notes: dict[tuple[int, str], list] = {}
        self._end = 0

    def phrase_started(self, moment: Snapshot) -> None:
        phrase = moment.current.phrase
        tune = self.notes.setdefault((phrase.tune, phrase.style), [])
        tune += [(self._end + n.onset, n) for n in phrase.notes]
        self._end += phrase.length


def rendered(voice: Path, style: str, minutes: float, seed: int) -> dict[str, list[list[Token]]]:
    """Return the tokens of rendered tunes by style; an empty `style` is the default mix."""
    tunes = Tunes()
    controls = Controls(bpm=BPM, style=parse_style(style), ensemble=SOLO)
    session = Session(seed, controls, minutes)
    with tempfile.TemporaryDirectory() as folder:
        client = PhraseClient(composer_command(voice))
        sinks = [MidiFileSink(Path(folder, "x.mid"))]
        with stop_signals() as stop:
            render(client, sinks, session=session, observer=tunes, stop=stop)
    found: dict[str, list[list[Token]]] = {}
    for (_, name), notes in tunes.notes.items():
        moved = [type(n)(at - notes[0][0], n.duration, n.pitch) for at, n in notes]
        found.setdefault(name, []).append(normalized(moved))
    return found


def stretches(tunes: Sequence[Sequence[Token]]) -> Bits:
    """Return entropies by measure of every whole stretch of notes within the tunes."""
    pitch, length = [], []
    for tune in tunes:
        notes = [t for t in tune if t[0] != REST]
        for i in range(0, len(notes) - STRETCH + 1, STRETCH):
            part = notes[i : i + STRETCH]
            pitch.append(np.array([decode_pitch(a, b) for a, b, _ in part]))
            length.append(np.array([TWELFTHS[c] for *_, c in part]))
    bits = entropies(pitch, length)
    columns = {name: bits[:, SERIES.index(feature)] for name, feature in MEASURES.items()}
    repeats = [float(np.mean(p[1:] == p[:-1])) for p in pitch]
    return columns | {"repeated notes": np.array(repeats)}


def real(melodies: Sequence[Melody], style: str) -> Bits:
    """Return the same for real tunes outside the training set."""
    own = [m for m in melodies if m.style == style and split_of(m) != "train"]
    return stretches([m.tokens.tolist() for m in own])


def records(voice: str, readings: Sequence[Reading], where: str) -> list[Record]:
    """Return means over the rendered stretches, beside the band of real ones."""
    found = []
    for reading in readings:
        for measure in reading.ours:
            values = Readings(tuple(reading.ours[measure].tolist()))
            low, high = reading.band(measure)
            verdict = "inside" if reading.inside(measure) else "outside"
            band = f"{low:.2f} to {high:.2f} ({verdict})"
            entropy = measure in MEASURES
            found.append(
                Record(
                    f"{voice}, {reading.style}", where,
                    f"{measure}, entropy" if entropy else f"{measure}, share",
                    "bits" if entropy else "", values.mean, values.sd, len(values.values), band,
                )
            )  # fmt: skip
    return found


def draw(readings: Sequence[Reading], path: Path) -> None:
    """Draw a panel for each measure: the band of real stretches, rendered ones as points."""
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    axes = figure.subplots(1, len(MEASURES))
    for axis, measure in zip(axes, MEASURES, strict=True):
        for row, reading in enumerate(readings):
            low, high = reading.band(measure)
            axis.barh(row, high - low, left=low, height=0.62, color="#cfd8e3")
            values = reading.ours[measure]
            spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [0.0]
            axis.scatter(values, row + np.asarray(spread), s=9, color="#3b82c4", alpha=0.55)
            axis.plot([values.mean()] * 2, [row - 0.31, row + 0.31], color="#c2410c", lw=2)
        axis.set_yticks(range(len(readings)), [r.style for r in readings])
        axis.invert_yaxis()
        axis.set_title(f"{measure} entropy, bits", fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(
        f"Stretches of {STRETCH} notes: band of real ones (10-90 %), rendered ones, their mean",
        fontsize=10,
    )
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    args = parser.parse_args()
    spec = read_spec(args.voice)
    melodies, readings = as_played(args.corpus, spec), []
    for style in sorted(spec.styles):
        tunes = rendered(args.voice, style, args.minutes, args.seed)[style]
        readings.append(Reading(style, real(melodies, style), stretches(tunes)))
    draw(readings, RESULTS / f"{NAME}.png")
    where = f"lead alone, {BPM:g} bpm, {args.minutes:g} min each, seed {args.seed}"
    publish(NAME, records(spec.name, readings, where))


if __name__ == "__main__":
    main()
