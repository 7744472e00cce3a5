"""Count the tables of the guess at chords (`stream.compose.companions.following.chord_guess`).

Solos and lead sheets with chords are read; those that validate and test other models are left out.
The key of a song is not read: songs are sorted into a major and a minor key, in which their chords
are most likely, and the tables are counted anew (Viterbi training).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export import command_line
from export.companions.harmony_songs import Song, read_songs
from stream.compose.companions.following.chord_guess import (
    CHORDS,
    CLASSES,
    STRENGTHS,
    TABLES,
    relative,
    weights,
)
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.voicing import NO_CHORD, QUALITIES
from stream.errors import CorpusError
from stream.music.scale import OCTAVE

STYLES = ("folk", "jazz", "song")
CLASS_OF = {
    "major": 0, "major7": 0, "6": 0, "minor": 1, "minor7": 1, "minor6": 1, "7": 2, "augmented": 2,
    "sus4": 2, "diminished": 3, "diminished7": 3, "half-diminished": 3,
}  # fmt: skip
"""Class of `chord_guess.CLASSES` of each quality."""
NONE = -1
ROUNDS = 8
TONES = 2.0
"""Beats of each pitch class in each class of chords before anything is counted."""
MOVES = 0.05
"""Count of each move of roots before anything is counted."""
MEMBER = 0.3
"""Share of the chords themselves, beside their moves, in the choice of a key."""
MODES = 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def classes(chords: Ints) -> Ints:
    """Return the class of `chord_guess` of each chord of `voicing`; `NONE` for no chord."""
    number = np.array([CLASS_OF[name] for name, _ in QUALITIES])
    quality, root = np.divmod(np.maximum(chords - 1, 0), OCTAVE)
    return np.where(chords == NO_CHORD, NONE, OCTAVE * number[quality] + root)


def by_bar(song: Song) -> Ints:
    """Return the chord of each frame of a song [B, F]."""
    frames = song.bar // FRAME
    bars = len(song.chords) // frames
    return classes(song.chords[: bars * frames]).reshape(bars, frames)


def longest(row: Ints) -> int:
    """Return the chord that lasts longest in a bar; `NONE` without one."""
    some = row[row != NONE]
    return int(np.bincount(some, minlength=CHORDS).argmax()) if len(some) else NONE


def tables(songs: Sequence[Song]) -> dict[str, NDArray[np.float16]]:
    """Return the tables of songs. Raises `CorpusError` if there are none."""
    if not songs:
        raise CorpusError("no songs with chords for training; give the folder of the corpora")
    tones = np.full((STRENGTHS, len(CLASSES), OCTAVE), TONES)
    rows: list[Ints] = []
    for song in songs:
        chords = np.array([longest(row) for row in by_bar(song)])
        end = tuple(note.moved(-len(chords) * song.bar) for note in song.notes)
        for heard, chord in zip(weights(end, song.bar, len(chords)), chords, strict=True):
            if chord != NONE:
                tones[:, chord // OCTAVE] += np.roll(heard, -(chord % OCTAVE), axis=1)
        rows.append(chords[chords != NONE])
    moves, chords, modes = counted([row for row in rows if len(row) > 1])
    found = {"tones": tones, "moves": moves, "chords": chords, "modes": modes}
    shares = {name: table / table.sum(-1, keepdims=True) for name, table in found.items()}
    return {name: table.astype(np.float16) for name, table in shares.items()}


def counted(rows: Sequence[Ints]) -> tuple[Floats, Floats, Floats]:
    """Return moves [2, C, C], chords [2, C] and songs [2] of the major and the minor key."""
    backing = _backing(rows)
    keys = [(int((row // OCTAVE == 1).mean() > 0.5), int(row[-1] % OCTAVE)) for row in rows]
    for _ in range(ROUNDS):
        moves, chords = np.zeros((MODES, CHORDS, CHORDS)), np.full((MODES, CHORDS), 0.2)
        for (mode, key), row in zip(keys, rows, strict=True):
            moved = relative(key)[row]
            np.add.at(moves[mode], (moved[:-1], moved[1:]), 1)
            np.add.at(chords[mode], moved, 1)
        kinds = (moves > 0).sum(2, keepdims=True) + 1
        moves = (moves + kinds * backing) / (moves.sum(2, keepdims=True) + kinds)
        chords /= chords.sum(1, keepdims=True)
        before, keys = keys, [_key(row, np.log(moves), np.log(chords)) for row in rows]
        if keys == before:
            break
    modes = np.bincount([mode for mode, _ in keys], minlength=MODES)
    return moves, chords, modes.astype(np.float64)


def _backing(rows: Sequence[Ints]) -> Floats:
    """Return the probability [C, C] of each move in any key."""
    counts = np.full((len(CLASSES), CHORDS), MOVES)
    for row in rows:
        before, after = row[:-1], row[1:]
        step = OCTAVE * (after // OCTAVE) + (after - before) % OCTAVE
        np.add.at(counts, (before // OCTAVE, step), 1)
    counts /= counts.sum(1, keepdims=True)
    return np.stack([counts[c // OCTAVE][relative(c % OCTAVE)] for c in range(CHORDS)])


def _key(row: Ints, moves: Floats, chords: Floats) -> tuple[int, int]:
    """Return mode and key in which the chords of a song are most likely."""
    fit = [
        [
            moves[mode][moved[:-1], moved[1:]].sum() + MEMBER * chords[mode][moved].sum()
            for moved in (relative(key)[row] for key in range(OCTAVE))
        ]
        for mode in range(MODES)
    ]
    mode, key = divmod(int(np.argmax(fit)), OCTAVE)
    return mode, key


def training(corpora: Path) -> list[Song]:
    """Return the songs that the tables are counted in. Raises `CorpusError`."""
    found = read_songs(corpora)
    return [song for song in found if song.split == "train" and song.style in STYLES]


def main(argv: list[str] | None = None) -> int:
    """Write the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m export.companions.chord_guess", description=__doc__
    )
    parser.add_argument("corpora", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=TABLES)
    args = parser.parse_args(argv)

    def work() -> None:
        np.savez_compressed(args.out, allow_pickle=False, **tables(training(args.corpora)))

    return command_line.run(work)


if __name__ == "__main__":
    sys.exit(main())
