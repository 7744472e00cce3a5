"""Melodies in MIDI files: every track that is no drum part is read as one line.

A polyphonic track is read as its skyline: of the notes that start together the highest counts, a
higher note cuts a lower one that is held, and a note that spends most of its time beneath a held
one is not heard.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import mido
from mido.midifiles.meta import KeySignatureError

from stream import regular
from stream.errors import CorpusError
from stream.note import TICKS_PER_BEAT, Note

DRUMS = 9
"""The channel that General MIDI, counting from 1, calls 10."""
MOST_BYTES = 1_000_000
"""A symphony has half of it; a message takes hundreds of bytes of memory for three of the file."""
LONGEST = 10_000 * 4 * TICKS_PER_BEAT
"""Ticks: ten thousand bars. A delta beyond it is damage, and would become a flood of rests."""
SHORTEST = TICKS_PER_BEAT // 12
"""Ticks: what is cut shorter than this was part of a rolled chord, no note of the melody."""
ENDLESS = re.compile(rb"[\x80-\xff]{1024}")
"""No MIDI file holds it, and as a number of variable length it would take long to read."""


@dataclass(frozen=True, slots=True)
class Melody:
    """The melodic line of one track; times in ticks, 48 to the quarter note."""

    notes: tuple[Note, ...]
    name: str
    """The track's own; may be empty."""
    track: int
    bar: int
    """Ticks in a bar; 0: unknown."""
    downbeat: int
    """Tick of a bar line."""
    mode: str
    """`major`, `minor` or empty."""


def read_melodies(path: Path) -> list[Melody]:
    """The melody of each track that has notes.

    Raises `CorpusError` where the file is no MIDI file, damaged, in time code, or absurdly long.
    """
    midi = _parse(path)
    tracks = [_timed(track, midi.ticks_per_beat) for track in midi.tracks]
    _check_length(path, tracks)
    bar, downbeat = _metre(tracks)
    mode = _mode(tracks)
    lines = [(skyline(_notes(track)), _name(track), i) for i, track in enumerate(tracks)]
    return [Melody(*line, bar, downbeat, mode) for line in lines if line[0]]


def digest_of(path: Path) -> str:
    """SHA-256 of a MIDI file, in hexadecimal. Raises `CorpusError` if it can not be read."""
    return hashlib.sha256(_content(path)).hexdigest()


def read_notes(path: Path) -> tuple[Note, ...]:
    """All notes of all tracks but the drums, in order of onset. Raises as `read_melodies` does."""
    midi = _parse(path)
    tracks = [_timed(track, midi.ticks_per_beat) for track in midi.tracks]
    _check_length(path, tracks)
    found = (note for track in tracks for note in _notes(track))
    return tuple(sorted(found, key=lambda n: (n.onset, -n.pitch)))


def _check_length(path: Path, tracks: Sequence[Track]) -> None:
    if any(track and track[-1][0] > LONGEST for track in tracks):
        raise CorpusError(f"{path}: longer than 10000 bars; it is damaged: leave it out")


def skyline(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The highest line of `notes`, one note at a time, in order of onset."""
    highest: dict[int, Note] = {}
    for note in sorted(notes, key=lambda n: (n.onset, n.pitch, n.duration)):
        highest[note.onset] = note
    line: list[Note] = []
    for note in highest.values():
        if line and _covers(line[-1], note):
            continue
        if line and line[-1].onset + line[-1].duration > note.onset:
            held = line.pop()
            if note.onset - held.onset >= SHORTEST:
                line.append(dataclasses.replace(held, duration=note.onset - held.onset))
        line.append(note)
    return tuple(line)


def _covers(held: Note, note: Note) -> bool:
    """Whether half of `note` or more sounds beneath `held`; less than that is legato playing."""
    beneath = held.onset + held.duration - note.onset
    return held.pitch > note.pitch and beneath > 0 and 2 * beneath >= note.duration


Track = list[tuple[int, mido.Message]]
"""Messages, each with its tick, 48 to the quarter note."""


def _content(path: Path) -> bytes:
    try:
        return regular.read(path, MOST_BYTES, "MIDI file")
    except OSError as error:
        raise CorpusError(f"{path}: can not be read ({error.strerror})") from error


def _parse(path: Path) -> mido.MidiFile:
    content = _content(path)
    if ENDLESS.search(content):
        raise CorpusError(f"{path}: no MIDI file, or full of noise; give another one")
    try:
        midi = mido.MidiFile(file=io.BytesIO(content))
    except (
        OSError, EOFError, ValueError, TypeError, LookupError, struct.error, KeySignatureError
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split()) or "it ends too early"
        raise CorpusError(f"{path}: no readable MIDI file ({reason})") from error
    if midi.ticks_per_beat <= 0:
        raise CorpusError(
            f"{path}: {midi.ticks_per_beat} ticks a quarter note; at least 1 is needed, "
            "so save it again with musical time instead of time code"
        )
    return midi


def _timed(track: Iterable[mido.Message], ticks_per_beat: int) -> Track:
    timed, now = [], 0
    for message in track:
        now += message.time
        # Whole numbers throughout: a damaged file holds times beyond any float.
        timed.append(((2 * now * TICKS_PER_BEAT + ticks_per_beat) // (2 * ticks_per_beat), message))
    return timed


def _notes(track: Track) -> Iterator[Note]:
    """The notes of a track in order of their end; one without an end lasts as long as the track."""
    sounding: dict[tuple[int, int], int] = {}
    for now, message in track:
        if message.type not in ("note_on", "note_off") or message.channel == DRUMS:
            continue
        key = message.channel, message.note
        if key in sounding:
            start = sounding.pop(key)
            yield Note(start, max(now - start, 1), message.note)
        if message.type == "note_on" and message.velocity > 0:
            sounding[key] = now
    for (_, pitch), start in sounding.items():
        yield Note(start, max(track[-1][0] - start, 1), pitch)


def _metre(tracks: Sequence[Track]) -> tuple[int, int]:
    """Ticks in a bar of the metre that lasts longest, and where its first bar line may lie.

    Scores with a pickup often begin with one bar of another metre.
    """
    changes = sorted(
        (now, message.numerator * 4 * TICKS_PER_BEAT // message.denominator)
        for track in tracks
        for now, message in track
        if message.type == "time_signature"
    )
    if not changes:
        return 0, 0
    end = max(track[-1][0] for track in tracks if track)
    spans = pairwise([*changes, (end, 0)])
    (start, bar), _ = max(spans, key=lambda span: span[1][0] - span[0][0])
    return bar, start % bar if bar else 0


def _mode(tracks: Sequence[Track]) -> str:
    keys = (
        message.key for track in tracks for _, message in track if message.type == "key_signature"
    )
    key = next(keys, "")
    return ("minor" if key.endswith("m") else "major") if key else ""


def _name(track: Track) -> str:
    names = (message.name for _, message in track if message.type == "track_name")
    return " ".join(next(names, "").replace("\0", "").split())
