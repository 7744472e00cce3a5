"""Melodies with chords of four archives, each split as its tunes ask.

Variants of a tune stay together: a hymn that is also a lead sheet goes where the lead sheet goes,
solos go by the title of the tune.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from export.corpus.chords import symbols as chord_symbols
from export.lead.lead_sheet import SPLITS, STYLES
from export.lead.lead_sheet import chord_of as chord_of_mask
from stream.compose.companions.kind import FRAME
from stream.compose.polyphony import voicing
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.voicing import NO_CHORD
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note

SHEETS: Final = "openewld_leadsheets/openewld_leadsheets_pd.npz"
HYMNS: Final = "open_hymnal_satb/open_hymnal_satb.npz"
SOLOS: Final = "weimar_jazz_solos/weimar_jazz_solos.npz"
FOLK: Final = "nottingham_melody/nottingham_melody.npz"
"""Archives in a folder of corpora; the last one is only ever measured."""
METERS: Final[Mapping[str, tuple[int, int]]] = {
    "2/4": (96, 48), "3/4": (144, 48), "4/4": (192, 48), "2/2": (192, 48), "6/8": (144, 72),
    "9/8": (216, 72),
}  # fmt: skip
"""Ticks in a bar and in a beat of the meters that are learned."""
REGULAR: Final = 0.98
"""Share of a solo's beats that must be where its meter says."""
ALL_BITS: Final = 12

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Song:
    """A melody with its chords, from a bar line to a bar line."""

    notes: tuple[Note, ...]
    chords: Ints
    """Class of each frame [T]."""
    bar: int
    """Ticks in a bar."""
    beat: int
    style: str
    split: str
    title: str = ""

    @property
    def length(self) -> int:
        """Ticks of the song."""
        return len(self.chords) * FRAME


@dataclass(frozen=True, slots=True)
class Splits:
    """The split of each tune, by group and by title."""

    groups: Mapping[int, str]
    sealed: frozenset[int]
    titles: Mapping[str, str] = field(default_factory=dict)

    def of_group(self, group: int) -> str:
        """Return the split of a group of variants; empty for one that is sealed."""
        if group in self.sealed:
            return ""
        return self.groups.get(group) or SPLITS[group % len(SPLITS)]

    def of_title(self, title: str) -> str:
        """Return the split of a tune by its title."""
        plain = plain_title(title)
        return self.titles.get(plain) or SPLITS[zlib.crc32(plain.encode()) % len(SPLITS)]


def plain_title(title: str) -> str:
    """Return a title in small letters, without signs and articles."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return " ".join(word for word in words if word not in {"a", "an", "the"})


def read_songs(corpora: Path) -> list[Song]:
    """Return the songs of three archives. Raises `CorpusError` for files of another form."""
    sheets, hymns, solos = (_archive(corpora / name) for name in (SHEETS, HYMNS, SOLOS))
    splits = _splits(sheets, hymns)
    return [*_sheets(sheets, splits), *_hymns(hymns, splits), *_solos(solos, splits)]


def read_folk(corpora: Path) -> list[Song]:
    """Return the folk tunes that are measured only. Raises `CorpusError`."""
    arrays = _archive(corpora / FOLK)
    songs = []
    for i in range(len(arrays["title"])):
        notes = _notes(arrays, i)
        a, b = arrays["chord_start"][i : i + 2].tolist()
        marks = [
            (onset, voicing.nearest(frozenset(_bits(mask)), bass))
            for onset, mask, bass in zip(
                *(arrays[f"chord_{n}"][a:b].tolist() for n in ("onset", "pitch_classes", "bass")),
                strict=True,
            )
        ]
        songs.append(_song(notes, marks, str(arrays["meter"][i]), ("folk", "test", "")))
    return [song for song in songs if song is not None]


def _archive(path: Path) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path}: not an archive of songs ({error})") from error


def _splits(sheets: Arrays, hymns: Arrays) -> Splits:
    numbers = np.unique(sheets["variant_group"], return_inverse=True)[1]
    names = [SPLITS[number % len(SPLITS)] for number in numbers]
    groups = dict(zip(sheets["variant_group"].tolist(), names, strict=True))
    titles = {plain_title(t): s for t, s in zip(sheets["title"].tolist(), names, strict=True)}
    return Splits(groups, frozenset(hymns["sealed_variant_groups"].tolist()), titles)


def _notes(arrays: Arrays, i: int, late: int = 0, part: int = 0) -> list[Note]:
    """Return the notes of one part of tune i, moved by `late` ticks."""
    a, b = arrays["tune_start"][i : i + 2].tolist()
    chosen = np.arange(a, b)
    if "part" in arrays:
        chosen = chosen[(arrays["part"][a:b] == part) & (arrays["divided"][a:b] == 0)]
    columns = (arrays[name][chosen].tolist() for name in ("onset", "duration", "pitch"))
    return [Note(on + late, max(length, 1), p) for on, length, p in zip(*columns, strict=True)]


def _song(
    notes: list[Note], marks: list[tuple[int, int]], meter: str, facts: tuple[str, str, str]
) -> Song | None:
    """Return a song from the bar of its first chord on; None without chords or a known meter.

    `marks` are the tick and the class of each chord; `facts` are style, split and title.
    """
    marks = [mark for mark in sorted(marks) if mark[1] != NO_CHORD]
    if not (marks and notes and meter in METERS):
        return None
    bar, beat = METERS[meter]
    begin = marks[0][0] // bar * bar
    end = -(-max(note.end for note in notes) // bar) * bar
    chords = np.zeros(max(end - begin, 0) // FRAME, np.int64)
    for onset, chord in marks:
        chords[(onset - begin + FRAME // 2) // FRAME :] = chord
    kept = tuple(note.moved(-begin) for note in notes if note.onset >= begin)
    return Song(kept, chords, bar, beat, *facts) if kept else None


def _sheets(arrays: Arrays, splits: Splits) -> Iterator[Song]:
    for i, (group, genre, title) in enumerate(
        zip(*(arrays[n].tolist() for n in ("variant_group", "genre", "title")), strict=True)
    ):
        a, b = arrays["chord_start"][i : i + 2].tolist()
        late = int(arrays["first_bar_missing"][i])
        marks = [
            (onset + late, chord_of_mask(mask, root))
            for onset, mask, root in zip(
                *(arrays[f"chord_{n}"][a:b].tolist() for n in ("onset", "pitch_classes", "root")),
                strict=True,
            )
        ]
        facts = (STYLES.get(genre, "song"), splits.of_group(group), title)
        song = _song(_notes(arrays, i, late), marks, str(arrays["meter"][i]), facts)
        if song and song.split:
            yield song


def _hymns(arrays: Arrays, splits: Splits) -> Iterator[Song]:
    for i, (group, meter, title) in enumerate(
        zip(*(arrays[n].tolist() for n in ("variant_group", "meter", "title")), strict=True)
    ):
        if meter not in METERS or not splits.of_group(group):
            continue
        bar, beat = METERS[meter]
        late = -int(arrays["pickup"][i]) % bar
        parts = [_notes(arrays, i, late, part) for part in range(4)]
        marks = _sounding([note for part in parts for note in part], beat)
        song = _song(parts[0], marks, meter, ("hymn", splits.of_group(group), title))
        if song:
            yield song


def _sounding(notes: list[Note], beat: int) -> list[tuple[int, int]]:
    """Return the chord of each beat: the pitch classes that sound for half of it or longer."""
    end = max(note.end for note in notes)
    marks = []
    for onset in range(0, end, beat):
        time = np.zeros(ALL_BITS)
        lowest = []
        for note in notes:
            share = min(note.end, onset + beat) - max(note.onset, onset)
            if share > 0:
                time[note.pitch % ALL_BITS] += share
                lowest.append((max(note.onset, onset), note.pitch))
        classes = frozenset(np.flatnonzero(2 * time >= beat).tolist())
        if classes and lowest:
            bass = min(pitch for at, pitch in lowest if at == min(lowest)[0]) % ALL_BITS
            marks.append((onset, voicing.nearest(classes, bass)))
    return marks


def _solos(arrays: Arrays, splits: Splits) -> Iterator[Song]:
    chords = [chord_symbols.chord_of(label) for label in arrays["chord_vocabulary"].tolist()]
    for i, title in enumerate(arrays["title"].tolist()):
        a, b = arrays["beat_start"][i : i + 2].tolist()
        numbers = arrays["beat_number"][a:b].astype(int)
        first = int(np.argmax(numbers == 1))
        regular = ((np.arange(b - a) - first) % 4 + 1 == numbers).mean()
        if arrays["meter"][i] != "4/4" or regular < REGULAR:
            continue
        late = -first % 4 * TICKS_PER_BEAT
        labels = arrays["beat_chord_label"][a:b].tolist()
        marks = [(late + TICKS_PER_BEAT * n, chords[label]) for n, label in enumerate(labels)]
        facts = ("jazz", splits.of_title(title), title)
        song = _song(_notes(arrays, i, late), marks, "4/4", facts)
        if song:
            yield song


def _bits(mask: int) -> Iterator[int]:
    return (c for c in range(ALL_BITS) if mask >> c & 1)
