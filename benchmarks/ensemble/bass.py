"""The bass: bits per sixteenth, and its lines beside real ones.

    python -m benchmarks.ensemble.bass --corpora FOLDER

The protocol is that of `benchmarks.ensemble.accompaniment`. Controls: random chord tones in the
rhythm of the real line, and the real line with its bars in another order.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.ensemble.accompaniment import Part, records
from benchmarks.ensemble.part_features import bass_features
from benchmarks.record import publish
from stream.compose.companions.accompaniment.chord_ladder import ladder
from stream.compose.companions.accompaniment.chord_spans import at, chord_spans
from stream.compose.companions.score import Notes, Score
from stream.voices.spec import COMPANIONS

NAME = "bass"


def random_tones(notes: Notes, score: Score, rng: np.random.Generator) -> Notes:
    """Return the line with any tone of the chord at each note."""
    spans, found = chord_spans(score), []
    for note in notes:
        span = at(spans, note.onset)
        tones = ladder(span.chord, score.low, score.high) if span else ()
        found.append(replace(note, pitch=int(rng.choice(tones))) if tones else note)
    return tuple(found)


def shuffled_bars(notes: Notes, score: Score, rng: np.random.Generator) -> Notes:
    """Return the notes with the bars of the phrase in another order."""
    first = score.length % score.bar
    count = (score.length - first) // score.bar
    order = np.roll(np.arange(count), int(rng.integers(1, max(count, 2))))
    moved = [
        note.until(min(note.end, note.onset + score.bar - place)).moved(
            int((order[number] - number) * score.bar)
        )
        for note in notes
        if note.onset >= first
        for number, place in [divmod(note.onset - first, score.bar)]
    ]
    return tuple(sorted(moved, key=lambda note: (note.onset, note.pitch)))


BASS_PART = Part(
    NAME, bass_features, {"random chord tones": random_tones, "bars shuffled": shuffled_bars}
)


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--voice", type=Path, default=COMPANIONS / f"{NAME}.onnx")
    parser.add_argument("--pieces", type=int, default=48, help="held-out pieces composed for")
    args = parser.parse_args()
    publish(NAME, records(BASS_PART, args.corpora, args.voice, args.pieces))


if __name__ == "__main__":
    main()
