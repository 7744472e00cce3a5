"""The Groove MIDI Dataset: performances of drummers on an electronic kit, unquantized.

Gillick et al. 2019, Learning to Groove with Inverse Sequence Transformations. A performance is
moved as a whole so that the mean offset of its hits on beats is 0: how late a drummer's whole kit
is recorded is not music. Other meters than 4/4 are rare, so two are made of 4/4 by rule: bars of
three beats are bars without their third beat, so that the backbeat falls on 2 and 3; bars of 6/8
are half bars of performances in triplets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.drums_grid import FRAME_UNITS, encoded
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony.frames import Ints
from stream.errors import CorpusError
from stream.music.note import Note

PATH: Final = Path("groove_drums") / "groove_drums.npz"
QUARTER: Final = 480
METERS: Final = {"4-4": (192, 48), "3-4": (144, 48), "6-8": (144, 72)}
"""Ticks of bar and beat of each meter that is read."""
STYLES: Final = {
    "jazz/funk": "funk", "jazz/fusion": "other", "jazz/linear": "other", "jazz/march": "other",
    "funk/purdieshuffle": "shuffle", "rock/shuffle": "shuffle", "blues/shuffle": "shuffle",
    "neworleans/shuffle": "shuffle", "rock": "rock", "funk": "funk", "jazz": "jazz",
    "latin": "latin", "afrocuban": "latin", "hiphop": "hiphop", "soul": "soul", "gospel": "soul",
    "punk": "punk", "neworleans": "secondline", "pop": "pop", "country": "pop",
}  # fmt: skip
"""Style of the drums for the first of the data set's styles, or its whole style, that is found."""
TRIPLETS: Final = 1.5
"""Hits near the thirds of a beat for each near its quarters, in performances in triplets."""


@dataclass(frozen=True)
class Performance:
    """One performance, or one made of it."""

    name: str
    notes: tuple[Note, ...]
    """Hits, from the first bar line on."""
    style: str
    bpm: float
    bar: int
    """Ticks in a bar."""
    beat: int
    """Ticks in a beat."""
    split: str
    fill: bool
    """True for a fill that was recorded alone."""

    @property
    def bars(self) -> int:
        """Return the number of bars that are played to their last quarter at least."""
        end = max((note.onset for note in self.notes), default=0)
        return (end + self.bar // 4) // self.bar

    @cached_property
    def frames(self) -> Ints:
        """Return the frames [T, M] of the whole bars."""
        return encoded(self.notes, 0, self.bars * self.bar // FRAME)

    @cached_property
    def triplets(self) -> bool:
        """Return True if hits off the beat are rather on thirds of the beat than on quarters."""
        at = np.array([(10 * n.onset + n.offset) % QUARTER for n in self.notes], float) / QUARTER
        thirds, quarters = (
            sum(int(np.sum(np.abs(at - point) < 0.045)) for point in points)
            for points in ((1 / 3, 2 / 3), (1 / 4, 1 / 2, 3 / 4))
        )
        return bool(thirds > TRIPLETS * quarters)


def read(corpora: Path, split: str, centered: float = 1.0) -> list[Performance]:
    """Return the performances of a split, in the order of the archive.

    `centered` is the share of a performance's mean offset that is taken away. Raises `CorpusError`.
    """
    path = corpora / PATH
    try:
        with np.load(path, allow_pickle=False) as archive:
            data = {name: archive[name] for name in archive.files}
        kept = np.flatnonzero(data["split"] == split)
        found = [_performance(data, int(i), centered) for i in kept]
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(f"{path}: not an archive of drum performances: {error}") from error
    return [each for each in found if each is not None]


def _performance(
    data: dict[str, NDArray[np.generic]], i: int, centered: float
) -> Performance | None:
    meter, style = str(data["time_signature"][i]), str(data["style"][i])
    if meter not in METERS:
        return None
    begin, end = data["performance_start"][i : i + 2].astype(int)
    onset = data["onset"][begin:end].astype(int)
    onset = onset - round(centered * _latency(onset))
    hits = zip(onset.tolist(), data["pitch"][begin:end].tolist(),
               data["velocity"][begin:end].tolist(), strict=True)  # fmt: skip
    name = STYLES.get(style) or STYLES.get(style.partition("/")[0], "other")
    bar, beat = METERS[meter]
    fill = bool(data["beat_type"][i] == "fill")
    return Performance(
        str(data["id"][i]), tuple(_note(*hit) for hit in hits), name,
        float(data["tempo_bpm"][i].astype(float)), bar, beat, str(data["split"][i]), fill,
    )  # fmt: skip


def _latency(onset: NDArray[np.int_]) -> float:
    """Return the mean distance of the hits on beats from them, in units."""
    off = (onset + FRAME_UNITS // 2) % QUARTER - FRAME_UNITS // 2
    on_beat = off[off < FRAME_UNITS // 2]
    return float(on_beat.mean()) if len(on_beat) else 0.0


def _note(at: int, pitch: int, velocity: int) -> Note:
    """Return the hit at `at` units: on the nearest tick, the rest as its offset."""
    onset = (at + 5) // 10
    return Note(onset, 6, pitch, velocity, 9, at - 10 * onset)


def of_three_beats(whole: Performance) -> Performance:
    """Return a performance in 4/4 without the third beat of its bars, which are 3/4 then."""
    beat = 10 * whole.beat
    notes = []
    for note in whole.notes:
        at = 10 * note.onset + note.offset
        bar, within = divmod(at + FRAME_UNITS // 2, 4 * beat)
        if not 2 * beat <= within < 3 * beat:
            moved = bar + (within >= 2 * beat)
            notes.append(_note(at - beat * moved, note.pitch, note.velocity))
    return dataclasses.replace(whole, notes=tuple(notes), bar=144)


def of_two_compound_beats(whole: Performance) -> Performance:
    """Return a performance in triplets as 6/8: the same sound, each beat three eighths."""
    notes = tuple(
        _note((10 * n.onset + n.offset) * 3 // 2, n.pitch, n.velocity) for n in whole.notes
    )
    return dataclasses.replace(whole, notes=notes, bpm=1.5 * whole.bpm, bar=144, beat=72)


def loudness(notes: Sequence[Note]) -> float:
    """Return the mean velocity; 0 without a hit."""
    return float(np.mean([note.velocity for note in notes])) if notes else 0.0
