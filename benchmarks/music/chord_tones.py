"""Chord tones of jazz lines by metrical strength: composed lines beside held-out real solos.

A real line hits tones of the chord that sounds most often at bar lines, less on the other beats,
and least off the beats. Both kinds of lines are also set against wrong chords: their own changes at
every other bar, which has the same key and the same chords, and the changes of all other lines. A
line that follows its changes loses there. The voice composes over changes of training solos. All
are in C. Shares are totals over totals; standard errors come from a bootstrap in which the choruses
of one solo are drawn together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.music.corpora import as_learned, as_played
from benchmarks.record import Record, made_by, markdown, publish
from export.corpus.dataset import split_of
from stream.compose.composer import Composer
from stream.compose.melody.outline import Outline
from stream.compose.melody.vocabulary import REST, TWELFTHS
from stream.compose.polyphony.voicing import CLASSES, NO_CHORD, pitch_classes
from stream.compose.tune_plan import outline_of
from stream.config.settings import DEFAULT_VOICE
from stream.errors import SettingsError
from stream.music.note import TICKS_PER_BEAT, Controls
from stream.music.stream_position import StreamPosition
from stream.voices.spec import VoiceSpec, find_voice, read_spec

NAME = "chord_tones"
STRENGTHS: Final = ("bar lines", "other beats", "off beats")
APART: Final = 20
"""Indices from the first phrase of a tune to that of the next one, more than any tune has."""
DRAWS: Final = 2000

Ints = NDArray[np.int64]
Counts = NDArray[np.float64]
TONES: Final = np.array([[c in pitch_classes(n) for c in range(12)] for n in range(CLASSES)])
"""True for the pitch classes of each class of chord, [classes, 12]."""


@dataclass(frozen=True, slots=True)
class Line:
    """The n notes of a written tune, and its changes."""

    onsets: Ints
    """Twelfths of a unit from the head to each note, [n]."""
    classes: Ints
    strengths: Ints
    """Index in `STRENGTHS` of each note, [n]."""
    chords: Ints
    """Class of the chord in each unit of the written tune, [units]."""
    bar: int
    piece: str
    """The solo, or the number of the composed tune."""


def line(tokens: NDArray[np.integer], outline: Outline, piece: str) -> Line:
    """Return the line of the events [E, 3] of a written tune."""
    lengths = np.array(TWELFTHS, np.int64)[tokens[:, 2].astype(np.int64)]
    onsets = np.cumsum(lengths) - lengths
    sounding = tokens[:, 0] != REST
    beat = 12 * TICKS_PER_BEAT // outline.unit
    onsets = onsets[sounding]
    chords = [chord for chord, length in outline.chords for _ in range(length)]
    strengths = np.where(onsets % (12 * outline.bar) == 0, 0, np.where(onsets % beat == 0, 1, 2))
    classes = tokens[sounding, 0].astype(np.int64)
    return Line(onsets, classes, strengths, np.array(chords, int), outline.bar, piece)


def counts(notes: Line, chords: Ints) -> Counts:
    """Return chord tones and notes at each strength, [2, strengths], over the chords [units].

    A note beyond the last chord sounds over the first ones again. Notes without a chord are left
    out.
    """
    under = chords[notes.onsets // 12 % len(chords)]
    known = under != NO_CHORD
    both = known & TONES[under, notes.classes], known
    found = [np.bincount(notes.strengths[each], minlength=len(STRENGTHS)) for each in both]
    return np.array(found, np.float64)


def over(notes: Line, changes: Iterable[Ints]) -> Counts:
    """Return the counts [2, strengths] over several changes [units], added up."""
    return sum((counts(notes, chords) for chords in changes), np.zeros((2, len(STRENGTHS))))


def at_other_bars(notes: Line) -> list[Ints]:
    """Return the line's changes moved by each number of bars, also where they come again."""
    return [np.roll(notes.chords, by) for by in range(notes.bar, len(notes.chords), notes.bar)]


def of_others(notes: Line, lines: Sequence[Line]) -> list[Ints]:
    """Return the changes of the lines of other pieces."""
    return [each.chords for each in lines if each.piece != notes.piece]


def systems(name: str, lines: Sequence[Line]) -> dict[str, Counts]:
    """Return the counts [pieces, 2, strengths] of lines over their changes and over wrong ones."""
    readings = {
        name: [counts(each, each.chords) for each in lines],
        f"{name}, own changes at other bars": [over(each, at_other_bars(each)) for each in lines],
        f"{name}, changes of other lines": [over(each, of_others(each, lines)) for each in lines],
    }
    pieces = np.unique([each.piece for each in lines], return_inverse=True)[1]
    return {
        system: np.array([np.array(table)[pieces == n].sum(0) for n in np.unique(pieces)])
        for system, table in readings.items()
    }


def shares(table: Counts) -> tuple[Counts, Counts]:
    """Return share and standard error at each strength and of all notes; 0 without notes."""
    whole = np.concatenate([table, table.sum(2, keepdims=True)], axis=2)
    drawn = np.random.default_rng(0).integers(len(whole), size=(DRAWS, len(whole)))
    hits, notes = np.array([whole.sum(0), *(whole[each].sum(0) for each in drawn)]).swapaxes(0, 1)
    share = hits / np.maximum(notes, 1)
    return share[0], share[1:].std(0)


def real(specs: Sequence[str], style: str, spec: VoiceSpec) -> list[Line]:
    """Return the lines of held-out pieces that have chords, as a voice with outlines reads them."""
    played = [m for m in as_played(specs, spec) if m.style == style and m.chords]
    melodies = [m for m in played if split_of(m) != "train"]
    if not melodies:
        raise SettingsError(f"--corpus: no held-out melody of style {style} has chords")
    learned = as_learned(melodies, spec)
    return [line(m.tokens, m.outline, f"{m.group}") for m in learned if m.outline]


def composed(args: argparse.Namespace) -> list[Line]:
    """Return the lines of composed tunes, each as it is written, that have chords."""
    composer = Composer(args.voice)
    controls = Controls(style=(((args.style, 1.0),),), ensemble="solo")
    tunes = [(n * APART, n, n * APART) for n in range(1, args.tunes + 1)]
    found = [written(composer, StreamPosition(args.seed, controls, *each)) for each in tunes]
    lines = [each for each in found if each.chords.size]
    if not lines:
        raise SettingsError(f"--style {args.style}: none of its outlines has chords")
    return lines


def written(composer: Composer, position: StreamPosition) -> Line:
    """Return the line of the tune that begins here. Raises `VoiceError` without an outline."""
    events: list[list[int]] = []
    while True:
        now = composer.context(position.request)
        phrase = composer.compose(position.request) if now.repeat is not None else None
        if phrase is None:
            made = composer.evaluate(now)
            events += made.candidates.events(made.best).tolist()
            phrase = composer.finish(now, made)
        if phrase.closing:
            return line(np.array(events, np.int64), outline_of(now.plan), f"{position.tune}")
        position = position.after(phrase)


def records(found: Mapping[str, Counts]) -> list[Record]:
    """Return the share of each system at each strength and of all notes."""
    return [
        Record(system, strength, "chord tones", "", float(share), None, len(table),
               f"standard error {error:.2g}")
        for system, table in found.items()
        for strength, share, error in zip((*STRENGTHS, "all notes"), *shares(table), strict=True)
    ]  # fmt: skip


def page(found: Sequence[Record], call: str) -> str:
    """Return the text of the page."""
    groups = [list(group) for _, group in groupby(found, key=lambda r: r.system)]
    rows = [
        [g[0].system, f"{g[0].n}", *(f"{r.value:.3f} ± {str(r.paper).split()[-1]}" for r in g)]
        for g in groups
    ]
    head = ("share of chord tones", "pieces", *STRENGTHS, "all notes")
    return f"# Chord tones\n\n{__doc__}\n{markdown(head, rows)}\n\n{made_by(call)}\n"


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--style", default="jazz")
    script.add_counts(parser, (("tunes", 200, "composed tunes"), ("seed", 1, "seed of the stream")))
    args = parser.parse_args()
    script.require_positive(args, "tunes")
    # First, as a voice without outlines is refused here.
    lines = systems("composed lines", composed(args))
    solos = systems("held-out solos", real(args.corpus, args.style, read_spec(args.voice)))
    found = records(solos | lines)
    publish(NAME, found, page=page(found, script.command(NAME)))


if __name__ == "__main__":
    raise SystemExit(script.run(main))
