"""Frames of `chords_melody`, a lead sheet: heads for a melody, its chords and, maybe, a bass.

Melody and bass: class 0 continues the note or the rest; class 1 ends the note, and a rest begins;
from class 2 on, class c strikes MIDI 19 + c. Chords: the classes of `voicing`; one that is the same
as in the frame before is held. Melody, chords and bass are on channels 0, 1 and 2. Chords are
struck where they change, and at bar lines.

A frame alone does not say what sounds, so no note continues into a phrase: what would continue is
struck again, and the voice gets the corrected tokens. An end in silence is removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.filter.entropy import NoteSeries
from stream.compose.polyphony import voicing
from stream.compose.polyphony.chords import LONGEST
from stream.compose.polyphony.frames import Flags, Ints, in_order, spans
from stream.compose.polyphony.lead_features import MEASURES, of_lead_sheet
from stream.compose.polyphony.voicing import MOST, NO_CHORD, Pitches
from stream.music.note import Note
from stream.music.scale import OCTAVE, folded

GOES_ON: Final = 0
ENDS: Final = 1
STRUCK: Final = 2
"""The first class that strikes a pitch."""
BELOW: Final = 19
"""The MIDI number that class 0 would have."""
LOWEST: Final = BELOW + STRUCK
PITCHES: Final = 88
HIGHEST: Final = LOWEST + PITCHES - 1
LINE: Final = STRUCK + PITCHES
"""Number of classes of a melody or a bass."""
MELODY, CHORDS, BASS = 0, 1, 2
"""Indices of the heads, and channels."""
HEADS: Final = ((LINE, voicing.CLASSES), (LINE, voicing.CLASSES, LINE))
"""Classes of each head, without a bass and with one."""
TICKS: Final = (3, 4, 6, 8, 12, 24)
"""Ticks that a frame may have."""


@dataclass(frozen=True, slots=True)
class LeadFrames:
    """Frames of a voice with these heads."""

    heads: tuple[int, ...] = HEADS[0]
    ticks: int = 12

    def for_unit(self, unit: int) -> LeadFrames:  # noqa: ARG002
        return self

    @property
    def feature_names(self) -> tuple[str, ...]:
        return MEASURES

    @property
    def velocity_offsets(self) -> Mapping[int, int]:
        return {MELODY: 6, CHORDS: -16}

    @property
    def _lines(self) -> tuple[int, ...]:
        return (MELODY, BASS)[: len(self.heads) - 1]

    def pitches(self, frames: Ints) -> Ints:
        """Return the melody, the notes of the chord from the lowest up, and the bass."""
        chords = np.zeros((len(frames), MOST), np.int64)
        for begin, end, pitches in _voiced(frames[:, CHORDS], len(frames)):
            chords[begin:end, : len(pitches)] = pitches
        lines = [_pitch(sounding_classes(frames[:, head])) for head in self._lines]
        return np.column_stack([lines[0], chords, *lines[1:]])

    def decode(self, frames: Ints, bar: int = 0) -> tuple[Note, ...]:
        """Return the notes; `bar` 0 means no bar lines."""
        found: list[tuple[int, int, int, Pitches]] = [
            (head, begin, end, (pitch,))
            for head in self._lines
            for begin, end, pitch in _notes(frames[:, head])
        ]
        chords = _voiced(frames[:, CHORDS], bar or len(frames))
        found += [(CHORDS, *chord) for chord in chords]
        return in_order(
            Note(begin * self.ticks, (end - begin) * self.ticks, pitch, channel=channel)
            for channel, begin, end, pitches in found
            for pitch in pitches
        )

    def encode(self, notes: Sequence[Note], count: int) -> Ints:
        parts: dict[int, list[tuple[int, int, Note]]] = {head: [] for head in range(3)}
        for span in spans(notes, self.ticks, count):
            parts[self._part(span[2].channel)].append(span)
        out = np.zeros((count, len(self.heads)), np.int64)
        for head in self._lines:
            out[:, head] = _line(parts[head], count)
        for begin, end, pitches in _sets(parts[CHORDS], count):
            out[begin:end, CHORDS] = voicing.named(pitches)
        return out

    def _part(self, channel: int) -> int:
        return channel if channel == CHORDS or channel in self._lines else MELODY

    def arrange(self, notes: Sequence[Note], count: int) -> Ints:
        """Give the highest pitch to the melody, and all pitches to the chord.

        If no more than two notes sound together, the chord is the triad that fits all of them best.
        """
        played = list(spans(notes, self.ticks, count))
        sounding = [
            pitches for begin, end, pitches in _sets(played, count) for _ in range(begin, end)
        ]
        out = np.zeros((count, len(self.heads)), np.int64)
        highest = [s for s in played if s[2].pitch == max(sounding[s[0]])]
        out[:, MELODY] = _line(highest, count)
        usual = _triad(sounding)
        out[:, CHORDS] = [voicing.named(s) if len(s) > 2 else usual for s in sounding]
        return out

    def features(self, frames: Ints) -> dict[str, float]:
        tokens = frames[:, MELODY]
        struck = tokens[tokens >= STRUCK] + BELOW
        return of_lead_sheet(_pitch(sounding_classes(tokens)), struck, frames[:, CHORDS])

    def changes(self, frames: Ints) -> NoteSeries:
        """Return the melody, with the frames from note to note."""
        tokens = frames[:, MELODY]
        at = np.flatnonzero(tokens >= STRUCK)
        lengths = np.diff(at, append=len(tokens))
        return tokens[at] + BELOW, np.minimum(lengths, LONGEST)

    def compared_notes(self, frames: Ints, bar: int) -> tuple[Note, ...]:  # noqa: ARG002
        """Return the notes of the melody."""
        return tuple(
            Note(begin * self.ticks, (end - begin) * self.ticks, pitch, channel=MELODY)
            for begin, end, pitch in _notes(frames[:, MELODY])
        )

    def sounds(self, frames: Ints) -> Flags:
        return sounding_classes(frames[:, MELODY]) > 0

    def end_length(self, frames: Ints) -> int:
        """Return the frames of the melody's last note and the rest behind it."""
        struck = np.flatnonzero(frames[:, MELODY] >= STRUCK)
        return len(frames) - int(struck[-1]) if len(struck) else 0

    def sustained(self, frames: Ints) -> Ints:
        out = np.zeros(len(self.heads), np.int64)
        if len(frames):
            out[list(self._lines)] = [sounding_classes(frames[:, head])[-1] for head in self._lines]
        return out

    def corrected(self, at: int, tokens: Ints, sustained: Ints) -> tuple[Ints, Ints]:
        # Melody and bass are every other head. A line that has ended continues as silence.
        line, goes_on = tokens[:, ::2], sustained[:, ::2]
        idle = (line == ENDS) & (goes_on < STRUCK)
        corrected = tokens
        if at == 0 or np.count_nonzero(idle):
            corrected = tokens.copy()
            line = np.where(idle, GOES_ON, line)
            if at == 0:
                line = np.where(line == GOES_ON, goes_on, line)
            corrected[:, ::2] = line
        after = np.where(corrected, corrected, sustained)
        return corrected, after


def sounding_classes(tokens: Ints) -> Ints:
    """Return the class that was struck and still sounds in each frame [T]; 0 for none."""
    changed_at = np.where(tokens == GOES_ON, 0, np.arange(1, len(tokens) + 1))
    index = np.maximum.accumulate(changed_at)
    last = np.concatenate([[GOES_ON], tokens])[index]
    return np.where(last >= STRUCK, last, 0)


def _pitch(classes: Ints) -> Ints:
    """Return the MIDI numbers of classes that sound, 0 for none."""
    return np.where(classes > 0, classes + BELOW, 0)


def _notes(tokens: Ints) -> Iterator[tuple[int, int, int]]:
    """Yield (begin, end, pitch) of each note of a line [T]."""
    for begin, end in pairwise([*np.flatnonzero(tokens).tolist(), len(tokens)]):
        if tokens[begin] >= STRUCK:
            yield begin, end, int(tokens[begin]) + BELOW


def _voiced(chords: Ints, bar: int) -> Iterator[tuple[int, int, Pitches]]:
    """Yield (begin, end, pitches) of each struck chord; bar lines are counted from the end."""
    count = len(chords)
    new = np.diff(chords, prepend=-1) != 0
    lines = np.arange(count) % max(bar, 1) == count % max(bar, 1)
    before: Pitches = ()
    for begin, end in pairwise([*np.flatnonzero(new | lines).tolist(), count]):
        pitches = voicing.voiced(int(chords[begin]), before) if new[begin] else before
        if chords[begin] != NO_CHORD:
            yield begin, end, pitches
        before = pitches or before


def _line(played: Sequence[tuple[int, int, Note]], count: int) -> Ints:
    """Return the tokens [count] of a line: the highest of notes struck together, up to the next."""
    out = np.full(count, GOES_ON, np.int64)
    until = 0
    for begin, end, note in sorted(played, key=lambda span: (span[0], span[2].pitch)):
        if until < begin:
            _rest(out, until)
        out[begin] = folded(note.pitch, LOWEST, HIGHEST) - BELOW
        until = end
    _rest(out, until)
    return out


def _rest(out: Ints, begin: int) -> None:
    """Begin a rest, unless nothing came before it."""
    if 0 < begin < len(out):
        out[begin] = ENDS


def _sets(
    played: Sequence[tuple[int, int, Note]], count: int
) -> Iterator[tuple[int, int, set[int]]]:
    """Yield (begin, end, pitches) of each stretch of frames in which the same notes sound."""
    changes = sorted({0, count, *(at for begin, end, _ in played for at in (begin, end))})
    indices = {at: i for i, at in enumerate(changes)}
    sounding: list[set[int]] = [set() for _ in changes]
    for begin, end, note in played:
        for pitches in sounding[indices[begin] : indices[end]]:
            pitches.add(note.pitch)
    for (begin, end), pitches in zip(pairwise(changes), sounding, strict=False):
        yield begin, end, pitches


def _triad(sounding: Sequence[set[int]]) -> int:
    """Return the major or minor triad that covers the most time; no chord in silence."""
    time = np.zeros(OCTAVE)
    for pitches in sounding:
        for pitch in pitches:
            time[pitch % OCTAVE] += 1
    if not time.any():
        return NO_CHORD
    triads = range(1, 1 + 2 * OCTAVE)
    return max(triads, key=lambda c: (time[list(voicing.pitch_classes(c))].sum(), -c))
