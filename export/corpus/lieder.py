"""Reader for songs with piano: the archive `openscore_lieder`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from export.corpus.arrangement import Arrangement, Notes, arrays_of, beat_of
from export.corpus.chords.estimate import chord_notes
from stream.music.note import Note
from stream.music.part import BASS, COMPING, HARMONY, LEAD

METERS: Final = ("4/4", "3/4", "2/4", "6/8", "2/2", "9/8", "12/8")
ON_GRID: Final = 0.93
"""Least share of onsets on sixteenths."""
DOUBLED: Final = 0.4
"""Most notes of the voice, as a share, that the piano doubles."""
LEAST_BARS: Final = 8
CHORDAL: Final = 0.75
"""Least share of the piano's time on tones of the estimated chords."""
DEEP: Final = 55
"""Highest pitch of a bass note."""
NEEDED: Final = ("onset", "pitch", "part", "meter", "pickup", "length", "tempo_bpm")

Arrays = dict[str, np.ndarray[Any, Any]]


def read_lieder(path: Path) -> list[Arrangement]:
    """Return the songs that stay in one meter and on the grid of sixteenths.

    The part `comping` is the whole piano, without notes that double the voice. Songs whose piano
    plays the voice's melody are left out. Raises `CorpusError` if the file is not such an archive.
    """
    arrays = arrays_of(path, *NEEDED)
    found = (_song(arrays, i) for i in range(len(arrays["meter"])))
    return [song for song in found if song is not None]


def _song(arrays: Arrays, i: int) -> Arrangement | None:
    meters = {
        (int(arrays["meter_numerator"][j]), int(arrays["meter_denominator"][j]))
        for j in range(arrays["meter_start"][i], arrays["meter_start"][i + 1])
    }
    if len(meters) != 1 or str(arrays["meter"][i]) not in METERS:
        return None
    bar, beat = beat_of(*meters.pop())
    skip = int(arrays["pickup"][i]) % bar
    length = (int(arrays["length"][i]) - skip) // bar * bar
    lead, piano = _notes(arrays, i, skip, length)
    both = [*lead, *piano]
    grid = sum(note.onset % 12 == 0 for note in both)
    sung = {(note.onset, note.pitch) for note in lead}
    played = {(note.onset, note.pitch) for note in piano}
    doubled = len(sung & played) > DOUBLED * len(sung)
    if length < LEAST_BARS * bar or grid < ON_GRID * len(both) or doubled or not piano:
        return None
    piano = tuple(note for note in piano if (note.onset, note.pitch) not in sung)
    parts = {LEAD: lead, COMPING: piano, HARMONY: chord_notes(both, 0, length, (bar, beat))}
    if chordal_share(piano, parts[HARMONY]) < CHORDAL:
        return None
    bpm = float(arrays["tempo_bpm"][arrays["tempo_start"][i]])
    title, group = str(arrays["title"][i]), int(arrays["variant_group"][i])
    return Arrangement(title, group, parts, length, bar, beat, bpm)


def _notes(arrays: Arrays, i: int, skip: int, length: int) -> tuple[Notes, Notes]:
    """Return the notes of voice and piano from the first bar line on."""
    a, b = arrays["tune_start"][i : i + 2]
    voice: list[Note] = []
    piano: list[Note] = []
    names = ("part", "onset", "duration", "pitch")
    for part, onset, duration, pitch in zip(*(arrays[n][a:b].tolist() for n in names), strict=True):
        at = onset - skip
        if 0 <= at < length and part <= 2:
            note = Note(at, max(min(duration, length - at), 1), pitch)
            (piano if part else voice).append(note)
    return tuple(voice), tuple(piano)


def with_bass(song: Arrangement) -> Arrangement:
    """Return the song with its lowest piano notes as a bass line of their own.

    A note is of the bass if no piano note of its beat or at its onset is lower, and it is not above
    `DEEP` nor more than an octave above the bass note before. It lasts until the piano rests, the
    bar is over, or the next one begins.
    """
    piano = song.parts[COMPING]
    lowest: dict[int, Note] = {}
    for note in piano:
        at = note.onset // song.beat
        if at not in lowest or note.pitch < lowest[at].pitch:
            lowest[at] = note
    chosen: list[Note] = []
    for at in sorted(lowest):
        if lowest[at].pitch <= min(DEEP, chosen[-1].pitch + 12 if chosen else DEEP):
            chosen.append(lowest[at])
    ends = [*(note.onset for note in chosen[1:]), song.length]
    bass = tuple(
        note.until(min(end, max(_rest(piano, note, song.bar), note.onset + 1)))
        for note, end in zip(chosen, ends, strict=True)
    )
    own = set(chosen)
    rest = tuple(note for note in piano if note not in own)
    return Arrangement(
        song.title, song.group, {**song.parts, BASS: bass, COMPING: rest},
        song.length, song.bar, song.beat, song.bpm,
    )  # fmt: skip


def _rest(piano: Notes, bass: Note, bar: int) -> int:
    """Return the end of the bar of a bass note, or where the piano rests before."""
    end, limit = bass.end, bass.onset - bass.onset % bar + bar
    for note in piano:
        if note.onset > end or note.onset >= limit:
            break
        if note.onset >= bass.onset:
            end = max(end, note.end)
    return min(end, limit)


def chordal_share(notes: Notes, chords: Notes) -> float:
    """Return the share of the notes' time in which they are tones of the chord that sounds."""
    end = max((note.end for note in (*notes, *chords)), default=0)
    tones = np.zeros((end, 12), bool)
    for chord in chords:
        tones[chord.onset : chord.end, chord.pitch % 12] = True
    inside = sum(int(tones[n.onset : n.end, n.pitch % 12].sum()) for n in notes)
    return inside / max(sum(note.duration for note in notes), 1)
