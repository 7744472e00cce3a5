"""The parts of a MIDI file by role, guessed from their pitch.

Each channel of each track is a line, without the drums. The highest line is the lead and the lowest
the bass. The two lines between them are alto and tenor if there are four in all; otherwise all
others are one part, the comping.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from stream.music.midi_melodies import Notify, ignore, meter_of, notes_by_channel, read_file
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import ALTO, BASS, COMPING, LEAD, TENOR

Notes = tuple[Note, ...]
FOUR = (LEAD, ALTO, TENOR, BASS)
"""Roles of four lines, from the highest down."""
USUAL_BAR = 4 * TICKS_PER_BEAT
"""Ticks in a bar of a file that does not tell its meter."""


def read_parts(path: Path, notify: Notify = ignore) -> tuple[dict[str, Notes], int]:
    """Return the notes of each part by role, from the first bar line, and the ticks in a bar.

    `notify` gets one sentence if something in the file was skipped. Raises `CorpusError` if the
    file cannot be read.
    """
    midi = read_file(path, notify)
    bar, downbeat = meter_of(midi)
    lines = [
        [note.moved(-downbeat) for note in notes if note.onset >= downbeat]
        for track in midi.tracks
        for notes in notes_by_channel(midi, track).values()
    ]
    return _by_role([line for line in lines if line]), bar or USUAL_BAR


def _by_role(lines: Sequence[Sequence[Note]]) -> dict[str, Notes]:
    ordered = sorted(lines, key=lambda line: -fmean(note.pitch for note in line))
    if len(ordered) == len(FOUR):
        return {role: _sorted(line) for role, line in zip(FOUR, ordered, strict=True)}
    found = {LEAD: _sorted(ordered[0])} if ordered else {}
    if len(ordered) > 1:
        found[BASS] = _sorted(ordered[-1])
    between = [note for line in ordered[1:-1] for note in line]
    return found | ({COMPING: _sorted(between)} if between else {})


def _sorted(notes: Sequence[Note]) -> Notes:
    return tuple(sorted(notes, key=lambda note: (note.onset, -note.pitch)))
