"""Training tunes as logs of IMPSY, from which its own commands make a model.

    python -m benchmarks.field.impsy_log --corpus folk=corpora/traditional_dance_tunes/\
traditional_dance_tunes.npz --voice commons --tunes 150 work/logs
    cd work && impsy dataset -D 2 && impsy train -D 2 -M s -N 10 -O models

A log is one tune: a line for each note, with the time at which it is struck at 120 quarter notes
a minute, and its pitch divided by 127. IMPSY ends a note as the next begins.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import script
from benchmarks.music.corpora import as_played
from export.corpus.dataset import split_of
from stream.compose.melody.sampler import LENGTHS, decode_pitches
from stream.compose.melody.vocabulary import REST
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.music.note import ticks_to_seconds
from stream.voices.spec import find_voice, read_spec

NAME = "impsy_log"
DIMENSION = 2
"""Numbers of an event: seconds since the one before, and pitch."""
BPM = 120.0
UNIT = 12
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def lines(melody: Melody) -> list[str]:
    """Return the lines of the log of one tune."""
    length = LENGTHS[melody.tokens[:, 2]].astype(int)
    onset = length.cumsum() - length
    sounds = melody.tokens[:, 0] != REST
    seconds = [ticks_to_seconds(float(t) * melody.unit / UNIT, BPM) for t in onset[sounds]]
    pitches = decode_pitches(melody.tokens[sounds].astype(int))
    return [
        f"{(FIRST + timedelta(seconds=at)).isoformat()},interface,{pitch / 127:.6f}"
        for at, pitch in zip(seconds, pitches.tolist(), strict=True)
    ]


def write(melodies: Sequence[Melody], folder: Path) -> int:
    """Write a log for each training tune; return how many notes they have."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = 0
    for i, melody in enumerate(m for m in melodies if split_of(m) == "train"):
        found = lines(melody)
        path = folder / f"{i:05d}-{DIMENSION}d-mdrnn.log"
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
        notes += len(found)
    return notes


def main() -> int:
    """Write the logs."""
    made = script.corpus_parser(NAME, __doc__)
    made.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    script.add_counts(made, [("tunes", 150, "training tunes, evenly from all")])
    made.add_argument("folder", type=Path)
    args = made.parse_args()

    def action() -> None:
        script.require_positive(args, "tunes")
        melodies = [m for m in as_played(args.corpus, read_spec(args.voice)) if m.bar]
        train = [m for m in melodies if split_of(m) == "train"]
        chosen = train[:: max(len(train) // args.tunes, 1)][: args.tunes]
        print(f'{{"tunes": {len(chosen)}, "notes": {write(chosen, args.folder)}}}')

    return script.run(action)


if __name__ == "__main__":
    sys.exit(main())
