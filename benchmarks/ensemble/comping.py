"""Comping: bits per sixteenth, and its rhythms and voicings beside real ones.

    python -m benchmarks.ensemble.comping --corpora FOLDER

The protocol is that of `benchmarks.ensemble.accompaniment`. Controls: the real chords, each moved
to a random sixteenth of its bar, and the real part with its bars in another order. Half of the
pieces of the style `guitar`, and all of `jazz`, are by the project's own rules.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.ensemble.accompaniment import Part, records
from benchmarks.ensemble.bass import shuffled_bars
from benchmarks.ensemble.part_features import comping_features
from benchmarks.record import publish
from stream.compose.companions.score import Notes, Score
from stream.voices.spec import COMPANIONS

NAME = "comping"


def random_onsets(notes: Notes, score: Score, rng: np.random.Generator) -> Notes:
    """Return the chords, each at a random sixteenth of its bar."""
    first = score.length % score.bar
    places: dict[int, int] = {}
    found = []
    for note in notes:
        line = first + (note.onset - first) // score.bar * score.bar
        if note.onset not in places:
            places[note.onset] = line + 12 * int(rng.integers(score.bar // 12))
        moved = note.moved(places[note.onset] - note.onset)
        if moved.onset >= 0:
            found.append(moved.until(min(moved.end, score.length)))
    return tuple(sorted(found, key=lambda note: (note.onset, note.pitch)))


COMPING_PART = Part(
    NAME, comping_features, {"random onsets": random_onsets, "bars shuffled": shuffled_bars}
)


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--voice", type=Path, default=COMPANIONS / f"{NAME}.onnx")
    parser.add_argument("--pieces", type=int, default=64, help="held-out pieces composed for")
    args = parser.parse_args()
    publish(NAME, records(COMPING_PART, args.corpora, args.voice, args.pieces))


if __name__ == "__main__":
    main()
