"""Does it play with you? It learns from what a person plays, and its band follows a person.

**Learning.** A performance of the test set is cut into halves. The voice, told nothing of the tune,
reads the second half afresh, as it reads a call, or after the first half. A model of the person
that has counted the first half is mixed with the voice, with a weight of at most 0.3. The control
is the model of another person. The voice's answers to calls from the second half are judged by a
model of the rest of that half, which nobody has heard: bits a note, fewer for an answer that is
more like what the person plays. The person's weight in the choice of an answer was raised after a
first reading of twelve performances of each set had shown no difference.

**Following.** The chord of each next bar of solos with annotated chords is guessed from the notes
until then. Agreement is the share of time in which the annotated chord has the root and the class
(major, minor, dominant, diminished) that was guessed for its bar. *Same chord as the last bar*
keeps the chord that the same model finds in the last bar, with all that it knows of the bars
before; *last bar's notes alone* keeps the one that is most likely by the notes of that bar. *Tonic
always* is the triad of the key that the notes until then suggest. The control is the guess from
another solo; beside them stands what no estimate from notes knows, the annotated chord of the last
bar, kept. The band composes in the last beat of a bar, which it therefore has not heard yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.playing import answers, chord_agreement, session_bits
from benchmarks.playing.session_bits import AFRESH, PERSON, READ, VOICE, Playing
from benchmarks.record import Record, all_figures, markdown, publish
from export.companions.harmony_songs import read_songs
from stream.compose.composer import Composer
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import TICKS_PER_BEAT
from stream.voices.spec import find_voice

NAME = "plays_with_you"
SOLOS = "jazz"
POINTS = 10
"""Points by which the guess is to be better than the same chord as the last bar."""


def learning(composer: Composer, playings: Sequence[Playing], style: str) -> list[Record]:
    """Return the bits of second halves with and without first halves."""
    found = session_bits.bits(composer.step, playings)
    records, where = [], f"{style}, second halves"
    for (system, read), rows in found.items():
        value = float(np.concatenate(rows).mean())
        records.append(
            Record(system, f"{where}, {read}", "bits", "bits an event", value, n=len(rows))
        )
    for read in (AFRESH, READ):
        gains = {
            system: session_bits.saved(found[VOICE, read], found[system, read])
            for system in (PERSON, session_bits.OTHER)
        }
        limit = gains[session_bits.OTHER][0]
        for system, (saved, low, high) in gains.items():
            beside = f"above {max(limit, 0):.3g}; " if system == PERSON else ""
            beside += f"95 % interval {low:.3f} to {high:.3f}"
            records.append(
                Record(system, f"{where}, {read}", "saved", "bits an event", saved, None,
                       len(playings), beside)
            )  # fmt: skip
    return records


def answering(composer: Composer, playings: Sequence[Playing], style: str) -> list[Record]:
    """Return how near answers are to what the person plays later."""
    found = answers.answered(composer, playings, style)
    records = []
    for name, rows in found.items():
        table = np.array(rows)
        for column, (measure, unit) in enumerate(
            (("strangeness of answers", "bits a note"), ("distance of register", "semitones"))
        ):
            least = min(
                float(np.array(others)[:, column].mean())
                for other, others in found.items()
                if other != answers.WITH
            )
            mean, error = table[:, column].mean(), table[:, column].std() / len(table) ** 0.5
            beside = f"below {least:.3g}; " if name == answers.WITH else ""
            records.append(
                Record(name, f"{style}, answers", measure, unit, float(mean), None, len(table),
                       f"{beside}standard error {error:.2g}")
            )  # fmt: skip
    return records


def following(corpora: Path, most: int) -> list[Record]:
    """Return the agreement of guessed chords with annotated ones."""
    songs = [s for s in read_songs(corpora) if s.style == SOLOS and s.split == "test"][:most]
    records = []
    for where, unheard in (
        ("test solos, whole bars heard", 0), ("test solos, last beat unheard", TICKS_PER_BEAT),
    ):  # fmt: skip
        found = chord_agreement.hits(songs, unheard)
        frames = found[""]
        for system in chord_agreement.SYSTEMS:
            share = 100 * float(found[system].sum() / frames.sum())
            records.append(Record(system, where, "agreement", "%", share, n=len(songs)))
        for other in (chord_agreement.KEPT, chord_agreement.ALONE, chord_agreement.TONIC):
            ours = found[chord_agreement.NEXT]
            points, low, high = chord_agreement.gain(ours, found[other], frames)
            goal = f"at least {POINTS}; " if other == chord_agreement.KEPT else "above 0; "
            beside = f"{goal}95 % interval {low:.1f} to {high:.1f}"
            records.append(
                Record(chord_agreement.NEXT, where, f"better than: {other}", "points", points, None,
                       len(songs), beside)
            )  # fmt: skip
    return records


def page(records: Sequence[Record], call: str) -> str:
    """Return the text of the page."""
    rows = [
        [r.system, r.set, f"{r.value:.3g} {r.unit}"]
        for r in records
        if r.measure in {"saved", "agreement", "strangeness of answers"}
    ]
    table = markdown(("system", "music", "figure"), rows)
    return (
        "\n\n".join(["# Plays with you", __doc__ or "", table, *all_figures(records, call)]) + "\n"
    )


def main() -> None:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--chords", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    script.add_counts(
        parser,
        (
            ("most", 200, "most performances of a style"),
            ("answered", 24, "most performances whose calls are answered"),
        ),
    )
    args = parser.parse_args()
    script.require_positive(args, "most", "answered")
    composer = Composer(args.voice)
    records = following(args.chords, args.most)
    for spec in args.corpus:
        style = spec.partition("=")[0]
        melodies = as_played([spec], composer.spec)
        playings = session_bits.performances(melodies, "test")[: args.most]
        records += learning(composer, playings, style)
        records += answering(composer, playings[: args.answered], style)
    publish(NAME, records, page=page(records, script.command(NAME)))


if __name__ == "__main__":
    raise SystemExit(script.run(main))
