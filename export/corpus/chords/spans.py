"""The chords of a tune in an archive of melodies, as onsets in ticks and classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from numpy.typing import NDArray

from export.corpus.chords.symbols import chord_of
from stream.compose.polyphony.voicing import NO_CHORD, nearest
from stream.music.note import TICKS_PER_BEAT
from stream.music.scale import OCTAVE

NO_ROOT = 255
Arrays = Mapping[str, NDArray[Any]]


def chords_of(arrays: Arrays, i: int) -> Iterator[tuple[int, int]]:
    """Yield onset and class of each change of chord in tune `i`; none without chords."""
    if "beat_chord_label" in arrays:
        yield from _labeled(arrays, i)
    elif "chord_root" in arrays:
        yield from _masked(arrays, i)


def _labeled(arrays: Arrays, i: int) -> Iterator[tuple[int, int]]:
    """Yield the chords of a performance, which has a label for each beat."""
    a, b = arrays["beat_start"][i : i + 2]
    names = arrays["chord_vocabulary"]
    labels = enumerate(arrays["beat_chord_label"][a:b].tolist())
    for label, beats in groupby(labels, key=lambda each: each[1]):
        yield next(beats)[0] * TICKS_PER_BEAT, chord_of(str(names[label]))


def _masked(arrays: Arrays, i: int) -> Iterator[tuple[int, int]]:
    """Yield the chords of a lead sheet, which are sets of pitch classes above a root."""
    a, b = arrays["chord_start"][i : i + 2]
    names = ("chord_onset", "chord_root", "chord_pitch_classes")
    for onset, root, mask in zip(*(arrays[n][a:b].tolist() for n in names), strict=True):
        classes = frozenset(c for c in range(OCTAVE) if mask >> c & 1)
        yield onset, NO_CHORD if root == NO_ROOT else nearest(classes, root)
