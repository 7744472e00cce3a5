"""Lead sheets: an archive of melodies with their chords, on the grid of a voice.

Conventions: frames int64 [T, 2] of sixteenths as in `stream.compose.polyphony.lead_frames`: melody
and chord. A sheet begins with a bar line: what its first bar lacks is silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from export.corpus.chords.keys import chord_classes
from stream.compose.polyphony import voicing
from stream.compose.polyphony.lead_frames import HEADS, STRUCK, LeadFrames
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note

Frames = NDArray[np.int64]

SIXTEENTH: Final = TICKS_PER_BEAT // 4
KIND: Final = LeadFrames(HEADS[0], SIXTEENTH)
METERS: Final = {"2/4": "2x48", "3/4": "3x48", "4/4": "4x48", "2/2": "4x48", "6/8": "6x24"}
"""Units in a bar, and ticks in a unit, of the meters that are learned."""
BARS: Final = {"2x48": 8, "3x48": 12, "4x48": 16, "6x24": 12}
"""Frames in a bar by meter."""
STYLES: Final = {"Jazz": "jazz", "Folk, World, & Country": "folk"}
"""Style by the genre that an archive names; all others are songs."""
OTHERS: Final = "song"
SPLITS: Final = ("train", "train", "train", "train", "valid", "test")
"""Splits that sheets go to in turns; variants of a tune stay together."""
NO_ROOT: Final = 255
OCTAVE: Final = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tune."""

    frames: Frames
    meter: str
    style: str
    title: str = ""

    @property
    def bar(self) -> int:
        """Frames in a bar."""
        return BARS[self.meter]

    def __len__(self) -> int:
        return len(self.frames)


def read_sheets(path: Path) -> dict[str, list[Sheet]]:
    """Return the sheets of an archive by split. Raises `CorpusError` for another file."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        known = [m for m in arrays["meter"].tolist() if m in METERS]
        groups = np.unique(arrays["variant_group"], return_inverse=True)[1]
        found: dict[str, list[Sheet]] = {split: [] for split in dict.fromkeys(SPLITS)}
        for i, meter in enumerate(arrays["meter"].tolist()):
            if meter in METERS:
                found[SPLITS[groups[i] % len(SPLITS)]].append(_sheet(arrays, i))
    except (OSError, ValueError, LookupError) as error:
        raise CorpusError(f"{path}: not an archive of lead sheets ({error})") from error
    if not found["train"] or not found["valid"]:
        raise CorpusError(f"{path}: {len(known)} sheets in known meters; at least six are needed")
    return found


def _sheet(arrays: dict[str, NDArray[Any]], i: int) -> Sheet:
    meter = METERS[str(arrays["meter"][i])]
    per = int(arrays["ticks_per_quarter"])
    late = int(arrays["first_bar_missing"][i])
    a, b = arrays["tune_start"][i : i + 2].tolist()
    notes = [
        Note(*_ticks(onset + late, duration, per), pitch)
        for onset, duration, pitch in zip(
            *(arrays[name][a:b].tolist() for name in ("onset", "duration", "pitch")), strict=True
        )
    ]
    bar = BARS[meter]
    end = max(-(-n.end // SIXTEENTH) for n in notes)
    frames = KIND.encode(notes, -(-end // bar) * bar)
    frames[:, 1] = _chords(arrays, i, late, len(frames))
    style = STYLES.get(str(arrays["genre"][i]), OTHERS)
    return Sheet(frames, meter, style, str(arrays["title"][i]))


def _ticks(onset: int, duration: int, per: int) -> tuple[int, int]:
    """Return onset and duration in ticks of the runtime."""
    begin, end = ((t * TICKS_PER_BEAT + per // 2) // per for t in (onset, onset + duration))
    return begin, max(end - begin, 1)


def _chords(arrays: dict[str, NDArray[Any]], i: int, late: int, count: int) -> NDArray[np.int64]:
    """Return the class in each frame [T]: a chord lasts until the next one."""
    out = np.zeros(count, np.int64)
    per = int(arrays["ticks_per_quarter"]) // 4
    a, b = arrays["chord_start"][i : i + 2].tolist()
    names = ("chord_onset", "chord_root", "chord_pitch_classes")
    columns = (arrays[name][a:b].tolist() for name in names)
    for onset, root, mask in zip(*columns, strict=True):
        begin = (onset + late + per // 2) // per
        out[begin:] = chord_of(mask, root)
    return out


def chord_of(mask: int, root: int) -> int:
    """Return the class of a chord from its pitch classes, 12 bits, bit 0 = C, and its root."""
    if root == NO_ROOT or not mask:
        return voicing.NO_CHORD
    return voicing.nearest(frozenset(c for c in range(OCTAVE) if mask >> c & 1), root)


def transposed(frames: Frames, semitones: int) -> Frames:
    """Return the frames in another key; the melody has room for it."""
    melody, chord = frames.T
    moved = np.where(melody >= STRUCK, melody + semitones, melody)
    return np.stack([moved, chord_classes(semitones)[chord]], 1)
