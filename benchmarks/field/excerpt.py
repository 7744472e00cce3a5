"""Excerpts of music as short MIDI files, in one form for every system.

All are at 120 quarter notes a minute, without velocities; pitched parts on channels of their own,
drums on channel 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido

from benchmarks.ensemble.band_features import Piece
from benchmarks.music.real.neutral import Neutral
from stream.music.note import TICKS_PER_BEAT, Note

BARS = 8
WINDOW = BARS * 4 * TICKS_PER_BEAT
"""Ticks of an excerpt of music in parts: eight bars of four quarters."""
EIGHTH = TICKS_PER_BEAT // 2
LONG_BAR = 6
"""Fewest median notes in a bar for them to be eighths, else they are quarters."""
DRUM_CHANNEL = 9


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A few bars. Onsets are ticks of 1/48 quarter note from a bar line."""

    parts: tuple[tuple[Note, ...], ...]
    drums: tuple[Note, ...] = ()
    meter: tuple[int, int] = (4, 4)
    group: int = 0
    """Number of the tune."""

    def write(self, path: Path) -> None:
        """Write the excerpt as a MIDI file."""
        file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
        numerator, denominator = self.meter
        head = mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator)
        file.tracks.append(mido.MidiTrack([head]))
        for channel, notes in enumerate(self.parts):
            file.tracks.append(_track(notes, channel))
        if self.drums:
            file.tracks.append(_track(self.drums, DRUM_CHANNEL))
        file.save(path)


def of_melody(part: Neutral) -> Excerpt:
    """Return an excerpt of a melody; its median note is an eighth, or a quarter if bars are short.

    Real and composed melodies, and those of a chain, are read in this one way.
    """
    bar = part.bar / part.unit
    unit = EIGHTH if bar >= LONG_BAR else TICKS_PER_BEAT
    columns = (part.onset, part.duration)
    onset, duration = ((each * unit / part.unit).round().astype(int).tolist() for each in columns)
    notes = [
        Note(o, max(d, 1), p)
        for o, d, p in zip(onset, duration, part.pitch.tolist(), strict=True)
        if 0 <= p <= 127
    ]
    eighths = bar * unit / EIGHTH
    whole = eighths == int(eighths)
    return Excerpt((tuple(notes),), meter=(int(eighths), 8) if whole else (4, 4), group=part.group)


def windows(pieces: Sequence[Piece]) -> Iterator[Excerpt]:
    """Yield eight bars after eight bars of each piece, if anything sounds in them."""
    for group, piece in enumerate(pieces):
        end = max((n.end for n in (*piece.lead, *piece.others)), default=0)
        for at in range(0, end - WINDOW + 1, WINDOW):
            lead, others, drums = (
                _within(notes, at) for notes in (piece.lead, piece.others, piece.drums)
            )
            if lead and others:
                yield Excerpt((lead, others), drums, group=group)


def _within(notes: Sequence[Note], at: int) -> tuple[Note, ...]:
    """Return the notes that begin in the window, cut at its end."""
    inside = (n.moved(-at) for n in notes if at <= n.onset < at + WINDOW)
    return tuple(n.until(min(n.end, WINDOW)) for n in inside)


def _track(notes: Sequence[Note], channel: int) -> mido.MidiTrack:
    """Return the notes as a track; of the same pitch sounding twice, one is kept."""
    ends: dict[int, int] = {}
    events = []
    for n in sorted(notes, key=lambda n: n.onset):
        if ends.get(n.pitch, 0) <= n.onset:
            ends[n.pitch] = n.end
            events += [(n.onset, 1, n.pitch), (n.end, 0, n.pitch)]
    track, now = mido.MidiTrack(), 0
    for at, on, pitch in sorted(events):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, time=at - now))
        now = at
    return track
