"""Reader for MusicXML scores, plain (.musicxml, .xml) or packed (.mxl): the first part as a tune.

The highest note of each chord counts, the first voice of the first staff alone; grace notes are
left out, ties are joined, and repeats with their endings are played out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.scale import OCTAVE
from stream.util import regular_file

MOST_BYTES: Final = 2**24
STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MOST_PLAYED: Final = 4000
"""Most measures of a tune with its repeats."""
Sounding = tuple[int, int, int, bool]
"""Onset in its measure, duration, pitch, and whether it is tied to the note before."""


@dataclass(slots=True)
class Measure:
    """One measure."""

    length: int
    notes: list[Sounding] = field(default_factory=list)
    begins: bool = False
    """True if a repeat begins here."""
    times: int = 1
    """Number of times that the music since then is played; 1 without a repeat."""
    endings: frozenset[int] = frozenset()
    """Numbers of the endings of which it is a part."""


@dataclass(slots=True)
class _Score:
    """The settings that hold until the score says otherwise."""

    divisions: int = 1
    meter: str = ""
    bar: int = 4 * TICKS_PER_BEAT
    tonic: int = -1
    mode: str = ""
    tempo: float = 0.0
    endings: frozenset[int] = frozenset()


def read_musicxml(path: Path, style: str) -> tuple[Tune, float]:
    """Return the tune of a score, and its tempo in quarter notes a minute; 0 if it has none.

    Raises `CorpusError` for a file that is not a MusicXML score, or has no notes.
    """
    root = _root(path)
    part = root.find("part")
    if root.tag != "score-partwise" or part is None:
        raise CorpusError(f"{path}: not a partwise MusicXML score; export it as MusicXML")
    score = _Score()
    try:
        measures = [_measure(element, score) for element in part.iter("measure")]
        notes = tuple(_played(measures))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise CorpusError(f"{path}: a damaged MusicXML score ({error}); export it again") from error
    if not notes:
        raise CorpusError(f"{path}: contains no note in its first part; give another file")
    title = (root.findtext("work/work-title") or root.findtext("movement-title") or "").strip()
    first = measures[0].length
    tune = Tune(
        notes=notes,
        title=title or path.stem,
        style=style,
        group=zlib.crc32((title.casefold() or path.name).encode(errors="surrogateescape")),
        bar=score.bar,
        downbeat=first if first < score.bar else 0,
        mode=score.mode,
        tonic=score.tonic,
        meter=score.meter,
    )
    return tune, score.tempo


def _root(path: Path) -> Element:
    try:
        content = regular_file.read(path, MOST_BYTES)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        if content[:2] == b"PK":
            content = _unpacked(content)
        if b"<!ENTITY" in content:
            raise CorpusError(f"{path}: defines entities, which no score needs; export it again")
        return fromstring(content)  # noqa: S314 (entities are refused above)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError) as error:
        raise CorpusError(f"{path}: a damaged packed score; export it again") from error
    except (ParseError, LookupError, ValueError) as error:
        raise CorpusError(f"{path}: not a readable MusicXML score ({error})") from error


def _unpacked(content: bytes) -> bytes:
    """Return the score in a packed file: the first that is not in its folder of facts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            is_score = info.filename.lower().endswith((".xml", ".musicxml"))
            if is_score and not info.filename.startswith("META-INF"):
                if info.file_size > MOST_BYTES:
                    raise zipfile.BadZipFile
                with archive.open(info) as member:
                    return member.read(MOST_BYTES)
    raise KeyError("a score")


def _measure(element: Element, score: _Score) -> Measure:
    """Return one measure, and note what holds from it on."""
    now = onset = longest = 0
    found = Measure(0)
    for child in element:
        if child.tag == "attributes":
            _attributes(child, score)
        elif child.tag in {"backup", "forward"}:
            length = _ticks(child, score)
            now += length if child.tag == "forward" else -length
        elif child.tag == "note" and child.find("grace") is None:
            length = _ticks(child, score)
            if child.find("chord") is None:
                onset, now = now, now + length
            _add(found.notes, child, onset, length)
        elif child.tag == "barline":
            _barline(child, found, score)
        sound = child if child.tag == "sound" else child.find("sound")
        if sound is not None and "tempo" in sound.attrib and not score.tempo:
            score.tempo = float(sound.attrib["tempo"])
        longest = max(longest, now)
    found.length = longest
    found.endings = found.endings or score.endings
    return found


def _attributes(element: Element, score: _Score) -> None:
    score.divisions = max(int(element.findtext("divisions") or score.divisions), 1)
    beats, kind = element.findtext("time/beats"), element.findtext("time/beat-type")
    if beats and kind and not score.meter:
        score.meter = f"{int(beats)}/{int(kind)}"
        score.bar = int(beats) * 4 * TICKS_PER_BEAT // int(kind)
    mode = (element.findtext("key/mode") or "").strip().lower()
    fifths = element.findtext("key/fifths")
    if fifths and mode in {"major", "minor"} and score.tonic < 0:
        score.mode = mode
        score.tonic = (7 * int(fifths) + (9 if mode == "minor" else 0)) % OCTAVE


def _ticks(element: Element, score: _Score) -> int:
    return round(float(element.findtext("duration") or 0) * TICKS_PER_BEAT / score.divisions)


def _add(notes: list[Sounding], element: Element, onset: int, length: int) -> None:
    """Add a note of the first voice of the first staff, if it is the highest of its chord."""
    step = element.findtext("pitch/step")
    first = {element.findtext("voice"), element.findtext("staff")} <= {None, "1"}
    if step is None or not first or not length:
        return
    octave, alter = element.findtext("pitch/octave"), element.findtext("pitch/alter")
    pitch = OCTAVE * (int(octave or 4) + 1) + STEPS[step] + round(float(alter or 0))
    tied = any(tie.get("type") == "stop" for tie in element.iter("tie"))
    if notes and notes[-1][0] == onset:
        if notes[-1][2] >= pitch:
            return
        notes.pop()
    notes.append((onset, length, pitch, tied))


def _barline(element: Element, found: Measure, score: _Score) -> None:
    ending, repeat = element.find("ending"), element.find("repeat")
    if ending is not None:
        numbers = (ending.get("number") or "1").replace(",", " ").split()
        found.endings = frozenset(map(int, numbers))
        score.endings = found.endings if ending.get("type") == "start" else frozenset()
    if repeat is not None and repeat.get("direction") == "forward":
        found.begins = True
    elif repeat is not None:
        found.times = min(max(int(repeat.get("times") or 2), 2), 8)


def _played(measures: Sequence[Measure]) -> Iterator[Note]:
    """Yield the notes in the order in which they are played, ties joined."""
    held: Note | None = None
    now = 0
    for measure in _order(measures):
        for onset, duration, pitch, tied in measure.notes:
            begin = now + onset
            if tied and held is not None and held.pitch == pitch and held.end == begin:
                held = Note(held.onset, held.duration + duration, pitch)
                continue
            if held is not None:
                yield held.until(begin) if held.onset < begin < held.end else held
            if not 0 <= pitch <= 127:
                raise ValueError(f"a pitch of {pitch}")
            held = Note(begin, duration, pitch)
        now += measure.length
    if held is not None:
        yield held


def _order(measures: Sequence[Measure]) -> Iterator[Measure]:
    begin, time, at, played = 0, 1, 0, 0
    while at < len(measures) and played < MOST_PLAYED:
        measure = measures[at]
        if measure.begins and at != begin:
            begin, time = at, 1
        if not measure.endings or time in measure.endings:
            played += 1
            yield measure
            if time < measure.times or (measure.endings and time < max(measure.endings)):
                if measure.times > 1:
                    at, time = begin, time + 1
                    continue
            elif measure.times > 1:
                begin, time = at + 1, 1
        at += 1
