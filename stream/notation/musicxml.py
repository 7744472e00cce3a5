"""MusicXML 4.0 (w3.org/2021/06/musicxml40), partwise, for notation programs.

music21 writes it too, but with 300 MB of libraries and seconds to load: too much for a small board
that offers a download. This writer needs the standard library alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stream.ensembles.ensemble import DRUM_CHANNEL
from stream.music.note import TICKS_PER_BEAT
from stream.music.part import DRUMS, ROLES
from stream.notation.score import Staff, Tune
from stream.notation.spelling import sharps_of, spelled
from stream.notation.values import TRIPLET, Chord, Tied, Value, measures
from stream.util.printable import visible
from stream.util.version import program_version

DOCTYPE: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN"'
    ' "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
BASS_BELOW: Final = 55
"""Median pitch below which a part is written in the bass clef."""
CLEFS: Final[Mapping[str, tuple[str, int]]] = {
    "treble": ("G", 2),
    "bass": ("F", 4),
    "drums": ("percussion", 2),
}
"""Sign and line of each clef."""
CHANNELS: Final = (*range(1, 10), *range(11, 17))


def written(tunes: Sequence[Tune], title: str) -> bytes:
    """Return a MusicXML file of tunes, one after the other in the same parts."""
    root = Element("score-partwise", version="4.0")
    SubElement(SubElement(root, "work"), "work-title").text = visible(title)
    encoding = SubElement(SubElement(root, "identification"), "encoding")
    SubElement(encoding, "software").text = f"Perpetuum {program_version()}"
    staves = _staves(tunes)
    _part_list(root, staves)
    for place, role in enumerate(staves, 1):
        part = SubElement(root, "part", id=f"P{place}")
        number = 0
        for tune in tunes:
            for measure in _Writer(tune, staves[role], role, marks=place == 1).measures():
                number += 1
                measure.set("number", str(number))
                part.append(measure)
    indent(root, " ")
    return (DOCTYPE + tostring(root, "unicode") + "\n").encode()


def _staves(tunes: Sequence[Tune]) -> dict[str, Staff]:
    """Return each part of any tune, with all its notes, in the order of `ROLES`."""
    found: dict[str, Staff] = {}
    for staff in (staff for tune in tunes for staff in tune.staves):
        before = found.get(staff.role)
        notes = (*before.notes, *staff.notes) if before else staff.notes
        found[staff.role] = Staff(staff.role, notes, (before and before.program) or staff.program)
    order = {role: place for place, role in enumerate(ROLES)}
    return {role: found[role] for role in sorted(found, key=lambda r: order.get(r, len(order)))}


def _part_list(root: Element, staves: Mapping[str, Staff]) -> None:
    listed = SubElement(root, "part-list")
    channels = iter(CHANNELS)
    for place, (role, staff) in enumerate(staves.items(), 1):
        part = SubElement(listed, "score-part", id=f"P{place}")
        SubElement(part, "part-name").text = visible(role)
        instrument = SubElement(part, "score-instrument", id=f"P{place}-I1")
        SubElement(instrument, "instrument-name").text = visible(role)
        midi = SubElement(part, "midi-instrument", id=f"P{place}-I1")
        drums = role == DRUMS
        SubElement(midi, "midi-channel").text = str(DRUM_CHANNEL if drums else next(channels))
        if staff.program and not drums:
            SubElement(midi, "midi-program").text = str(staff.program)


class _Writer:
    """Writes the measures of one part of a tune; `marks` are written above the first part."""

    def __init__(self, tune: Tune, staff: Staff, role: str, *, marks: bool) -> None:
        self._tune, self._role, self._marks = tune, role, marks
        self._clef = "drums" if role == DRUMS else _clef(staff)
        self._sharps, self._minor = sharps_of(tune.key)
        own = (each for each in tune.staves if each.role == role)
        self._notes = next((each.notes for each in own), ())

    def measures(self) -> Iterator[Element]:
        bars = self._tune.bars
        letters = dict(self._tune.letters)
        full = max((b - a for a, b in pairwise(bars)), default=0)
        for begin, end, chords in zip(bars, bars[1:], measures(self._notes, bars), strict=False):
            measure = Element("measure", number="")
            if end - begin < full:
                measure.set("implicit", "yes")
            if begin == 0:
                self._attributes(measure)
                self._opening(measure)
            if self._marks and begin in letters:
                _direction(measure, "rehearsal", letters[begin])
            self._chords(measure, chords, end - begin)
            yield measure

    def _attributes(self, measure: Element) -> None:
        attributes = SubElement(measure, "attributes")
        SubElement(attributes, "divisions").text = str(TICKS_PER_BEAT)
        key = SubElement(attributes, "key")
        SubElement(key, "fifths").text = str(self._sharps)
        SubElement(key, "mode").text = "minor" if self._minor else "major"
        beats, _, below = (self._tune.meter or "4/4").partition("/")
        time = SubElement(attributes, "time")
        SubElement(time, "beats").text = beats
        SubElement(time, "beat-type").text = below
        sign, line = CLEFS[self._clef]
        clef = SubElement(attributes, "clef")
        SubElement(clef, "sign").text = sign
        SubElement(clef, "line").text = str(line)

    def _opening(self, measure: Element) -> None:
        if not self._marks:
            return
        _direction(measure, "words", self._tune.title)
        direction = SubElement(measure, "direction", placement="above")
        kind = SubElement(direction, "direction-type")
        metronome = SubElement(kind, "metronome")
        SubElement(metronome, "beat-unit").text = "quarter"
        SubElement(metronome, "per-minute").text = f"{self._tune.bpm:.0f}"
        SubElement(direction, "sound", tempo=f"{self._tune.bpm:g}")

    def _chords(self, measure: Element, chords: Sequence[Chord], ticks: int) -> None:
        if not any(chord.notes for chord in chords):
            note = SubElement(measure, "note")
            SubElement(note, "rest", measure="yes")
            SubElement(note, "duration").text = str(ticks)
            return
        for chord in chords:
            for place, tied in enumerate(chord.notes or (None,)):
                note = SubElement(measure, "note")
                if place:
                    SubElement(note, "chord")
                self._note(note, chord, tied)

    def _note(self, note: Element, chord: Chord, tied: Tied | None) -> None:
        ties = () if tied is None else _ties(tied)
        if tied is None:
            SubElement(note, "rest")
        else:
            self._pitch(note, tied.pitch)
        SubElement(note, "duration").text = str(chord.ticks)
        for tie in ties:
            SubElement(note, "tie", type=tie)
        if chord.value is not None:
            _sign(note, chord.value)
        if ties:
            notations = SubElement(note, "notations")
            for tie in ties:
                SubElement(notations, "tied", type=tie)

    def _pitch(self, note: Element, pitch: int) -> None:
        name = spelled(pitch, self._sharps)
        drums = self._role == DRUMS
        parent = SubElement(note, "unpitched" if drums else "pitch")
        SubElement(parent, "display-step" if drums else "step").text = name.letter
        if name.alter and not drums:
            SubElement(parent, "alter").text = str(name.alter)
        SubElement(parent, "display-octave" if drums else "octave").text = str(name.octave)


def _clef(staff: Staff) -> str:
    pitches = sorted(note.pitch for note in staff.notes)
    return "bass" if pitches and pitches[len(pitches) // 2] < BASS_BELOW else "treble"


def _ties(tied: Tied) -> tuple[str, ...]:
    return (*(() if tied.begins else ("stop",)), *(() if tied.ends else ("start",)))


def _sign(note: Element, value: Value) -> None:
    SubElement(note, "type").text = value.type
    if value.dotted:
        SubElement(note, "dot")
    if value.triplet:
        change = SubElement(note, "time-modification")
        SubElement(change, "actual-notes").text = str(TRIPLET[0])
        SubElement(change, "normal-notes").text = str(TRIPLET[1])


def _direction(measure: Element, kind: str, text: str) -> None:
    direction = SubElement(measure, "direction", placement="above")
    SubElement(SubElement(direction, "direction-type"), kind).text = visible(text)
