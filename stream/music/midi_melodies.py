"""Melodies in MIDI files: the notes of each channel of each track, without the drums.

A polyphonic line is reduced to its skyline: of the notes that start together the highest counts, a
higher note cuts a lower one that is held, and a note that spends most of its time beneath a held
one is dropped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from stream.errors import CorpusError
from stream.music import midi_file
from stream.music.key_spans import spans
from stream.music.midi_file import MidiFile
from stream.music.midi_track import Strike, Track
from stream.music.note import TICKS_PER_BEAT, Note

DRUMS = 9
"""The drum channel of General MIDI, which calls it 10, counting from 1."""
LONGEST = 10_000 * 4 * TICKS_PER_BEAT
"""Most ticks of a file: ten thousand bars. A longer delta is damage, and would become a flood of
rests."""
SHORTEST = TICKS_PER_BEAT // 12
"""Fewest ticks of a note that another cuts; a shorter one belonged to a rolled chord."""

Notify = Callable[[str], None]
"""A function that takes a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Melody:
    """The melodic line of one channel of a track; times in ticks, 48 to the quarter note."""

    notes: tuple[Note, ...]
    name: str
    """Name of the track; may be empty."""
    track: int
    channel: int
    """MIDI channel, 0-15."""
    bar: int
    """Ticks in a bar; 0 if unknown."""
    downbeat: int
    """Tick of a bar line."""
    mode: str
    """Mode: `major`, `minor` or empty."""


def ignore(_: str) -> None:
    """Discard a sentence."""


def read_melodies(path: Path, notify: Notify = ignore) -> list[Melody]:
    """Return the melody of each channel of each track that has notes.

    `notify` gets one sentence if something in the file was skipped. Raises `CorpusError` if the
    file is not a MIDI file, damaged, in time code, or longer than any music.
    """
    midi = read_file(path, notify)
    bar, downbeat = meter_of(midi)
    mode = _mode(midi.tracks)
    lines = [
        (skyline(notes), track.name, i, channel)
        for i, track in enumerate(midi.tracks)
        for channel, notes in sorted(notes_by_channel(midi, track).items())
    ]
    return [Melody(*line, bar, downbeat, mode) for line in lines]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a MIDI file, in hexadecimal. Raises `CorpusError` if unreadable."""
    return hashlib.sha256(midi_file.content_of(path)).hexdigest()


def read_notes(path: Path, notify: Notify = ignore) -> tuple[Note, ...]:
    """Return all notes of all tracks but the drums, by onset. Otherwise as `read_melodies`."""
    midi = read_file(path, notify)
    found = (
        note
        for track in midi.tracks
        for notes in notes_by_channel(midi, track).values()
        for note in notes
    )
    return tuple(sorted(found, key=lambda n: (n.onset, -n.pitch)))


def read_file(path: Path, notify: Notify) -> MidiFile:
    midi = midi_file.read(path)
    if any(_tick(midi, track.end) > LONGEST for track in midi.tracks):
        raise CorpusError(f"{path}: longer than 10000 bars, so damaged; leave it out")
    if midi.skipped:
        kinds = ", ".join(f"{count} \u00d7 {kind}" for kind, count in midi.skipped.items())
        notify(f"{path}: read, but skipped {kinds}")
    return midi


def skyline(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return the highest line of `notes`, one note at a time, by onset."""
    highest: dict[int, Note] = {}
    for note in sorted(notes, key=lambda n: (n.onset, n.pitch, n.duration)):
        highest[note.onset] = note
    line: list[Note] = []
    for note in highest.values():
        if line and _covers(line[-1], note):
            continue
        if line and line[-1].end > note.onset:
            held = line.pop()
            if note.onset - held.onset >= SHORTEST:
                line.append(held.until(note.onset))
        line.append(note)
    return tuple(line)


def _covers(held: Note, note: Note) -> bool:
    """Return True if at least half of `note` sounds beneath `held`; less than that is legato."""
    beneath = held.end - note.onset
    return held.pitch > note.pitch and beneath > 0 and 2 * beneath >= note.duration


def _tick(midi: MidiFile, tick: int) -> int:
    """Return a tick of the file at 48 to the quarter note.

    It uses whole numbers only: damaged files hold times beyond the range of floats.
    """
    return (2 * tick * TICKS_PER_BEAT + midi.ticks_per_beat) // (2 * midi.ticks_per_beat)


def notes_by_channel(midi: MidiFile, track: Track) -> dict[int, list[Note]]:
    """Return the notes of each channel of a track, without drums, by onset."""
    strikes: dict[tuple[int, int], list[Strike]] = {}
    for strike in track.strikes:
        if strike.channel != DRUMS:
            strikes.setdefault((strike.channel, strike.pitch), []).append(strike)
    found: dict[int, list[Note]] = {}
    for (channel, pitch), key in strikes.items():
        for begin, end in spans(key, track.end):
            onset = _tick(midi, begin)
            note = Note(onset, max(_tick(midi, end) - onset, 1), pitch)
            found.setdefault(channel, []).append(note)
    return found


def meter_of(midi: MidiFile) -> tuple[int, int]:
    """Return the ticks in a bar of the meter that lasts longest, and a bar line's tick.

    Scores with a pickup often begin with one bar of another meter.
    """
    changes = sorted(
        (_tick(midi, tick), numerator * 4 * TICKS_PER_BEAT // denominator)
        for track in midi.tracks
        for tick, numerator, denominator in track.meters
    )
    if not changes:
        return 0, 0
    end = max(_tick(midi, track.end) for track in midi.tracks)
    spans_of_meters = pairwise([*changes, (end, 0)])
    (start, bar), _ = max(spans_of_meters, key=lambda span: span[1][0] - span[0][0])
    return bar, start % bar if bar else 0


def _mode(tracks: Sequence[Track]) -> str:
    minor = next((track.minor for track in tracks if track.minor is not None), None)
    return "" if minor is None else "minor" if minor else "major"
