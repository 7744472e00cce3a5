"""The tunes in a listener's files, normalized as in training and written strain by strain."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from stream.compose.melody.outline import PHRASE_BARS, Outline
from stream.compose.melody.returns import onsets
from stream.compose.tunes.abc import read_abc
from stream.compose.tunes.abc.text import read_text, tunes
from stream.compose.tunes.midi import read_midi
from stream.compose.tunes.musicxml import read_musicxml
from stream.compose.tunes.outlines import LONGEST, playable, written
from stream.compose.tunes.rules import IN_C, normalize
from stream.compose.tunes.tune import Melody, Tune
from stream.errors import CorpusError
from stream.music import midi_file
from stream.music.note import TICKS_PER_BEAT
from stream.voices.spec import VoiceSpec

SUFFIXES: Final = (".abc", ".mid", ".midi", ".musicxml", ".mxl", ".xml")
LEAST: Final = 2
"""Fewest tunes of a style: one alone has nothing in common with another."""
MOST: Final = 400
"""Most tunes of a style that are used."""
MOST_FILES: Final = 4000
SLOWEST, FASTEST = 30, 300
TITLE: Final = re.compile(r"^T:(.*)$", re.MULTILINE)
TEMPO: Final = re.compile(r"^Q:[^\d\n]*(\d{1,2})/(\d{1,2})\s*=\s*(\d{1,3})", re.MULTILINE)
REMEDIES: Final = {
    "downbeat": "it has fewer than 16 notes; give a whole tune",
    "median_octave": "its range is over seven octaves; give its melody alone",
    "barred": "its bars are not known, or not a whole number of its notes; add its meter",
    "multiples": "its notes are not on a grid; quantize it, to sixteenths or triplets",
    "entropy_floor": "it has one or two pitches only, like an exercise or a drum part",
}
"""Reason and remedy by the rule that drops a tune."""


@dataclass(slots=True)
class Read:
    """The outcome of reading files."""

    melodies: list[Melody] = field(default_factory=list)
    """Tunes strain by strain, each with its outline."""
    left_out: list[str] = field(default_factory=list)
    """A sentence for each tune or file that was left out."""
    leads: bool = False
    """True for kept tunes, whose first channel is the lead."""


def read(files: Sequence[Path], spec: VoiceSpec, kept: Sequence[Path] = ()) -> Read:
    """Return the tunes of files and folders, and of `kept` tunes, as the voice can learn them.

    Raises `CorpusError` if fewer than `LEAST` are left.
    """
    found = Read()
    for path in [*(files_of(files) if files else ()), *kept]:
        found.leads = path in kept
        try:
            for tune, bpm in _tunes(path, found):
                _add(found, path, tune, bpm, spec)
        except CorpusError as error:
            found.left_out.append(str(error))
    if len(found.melodies) < LEAST:
        raise CorpusError(_too_few(found))
    if len(found.melodies) > MOST:
        found.left_out.append(f"{len(found.melodies) - MOST} tunes: more than {MOST} are not used")
        step = len(found.melodies) / MOST
        found.melodies = [found.melodies[int(i * step)] for i in range(MOST)]
    return found


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files, and those inside folders. Raises `CorpusError` for a missing one."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES)
            found += [p for p in inside if p.is_file()]
        elif path.suffix.lower() not in SUFFIXES:
            raise CorpusError(f"{path}: unknown type; give files in {', '.join(SUFFIXES)}")
        elif not path.is_file():
            raise CorpusError(f"{path}: there is no such file")
        else:
            found.append(path)
    if not found:
        names = ", ".join(map(str, paths))
        raise CorpusError(f"{names}: no file in {', '.join(SUFFIXES)}; name some tunes")
    if len(found) > MOST_FILES:
        raise CorpusError(f"{len(found)} files: give {MOST_FILES} at most")
    return found


def _too_few(found: Read) -> str:
    count = len(found.melodies)
    reasons = f"; left out: {'; '.join(found.left_out[:3])}" if found.left_out else ""
    if count:
        return f"only one tune can be used, and a style is what several share; add tunes{reasons}"
    return f"no tune can be used{reasons}"


def _tunes(path: Path, found: Read) -> Iterator[tuple[Tune, float]]:
    """Yield the tunes of a file with their tempos. Raises `CorpusError`."""
    suffix = path.suffix.lower()
    if suffix == ".abc":
        tempos = _abc_tempos(path)
        for tune in read_abc(path, "", found.left_out.append):
            yield tune, tempos.get(tune.title, 0.0)
    elif suffix in {".mid", ".midi"}:
        yield from _of_midi(path, found)
    else:
        yield read_musicxml(path, "")


def _abc_tempos(path: Path) -> dict[str, float]:
    """Return the quarter notes a minute of the tunes of a file that tell them, by title."""
    found = {}
    for lines in tunes(read_text(path)):
        head = "\n".join(lines)
        title, tempo = TITLE.search(head), TEMPO.search(head)
        if title and tempo and int(tempo[2]):
            found[title[1].strip()] = 4 * int(tempo[1]) / int(tempo[2]) * int(tempo[3])
    return found


def _of_midi(path: Path, found: Read) -> Iterator[tuple[Tune, float]]:
    """Yield the line of a MIDI file that is most likely its melody: the highest of its long ones.

    Raises `CorpusError` for a file without one.
    """
    lines = list(read_midi(path, "", found.left_out.append))
    if found.leads and lines:
        lines = lines[:1]
    if not lines:
        raise CorpusError(f"{path}: contains no melody (drums do not count); give another file")
    longest = max(len(line.notes) for line in lines)
    long = [line for line in lines if 2 * len(line.notes) >= longest]
    tune = max(long, key=lambda line: sum(n.pitch for n in line.notes) / len(line.notes))
    bar = tune.bar or 4 * TICKS_PER_BEAT
    yield dataclasses.replace(tune, bar=bar), midi_file.read(path).bpm


def _add(found: Read, path: Path, tune: Tune, bpm: float, spec: VoiceSpec) -> None:
    melodies, dropped = normalize([tune], IN_C)
    title = f"{path.name}, {tune.title}" if tune.title != path.stem else path.name
    if not melodies:
        rule = next(name for name, count in dropped.items() if count)
        reason = REMEDIES.get(rule, f"rule {rule}")
        found.left_out.append(f"{title}: {reason}")
        return
    melody = melodies[0]
    if f"bar:{melody.bar}" not in spec.tags:
        found.left_out.append(
            f"{title}: the voice does not know its meter ({tune.meter or melody.bar} in units of"
            f" {melody.unit} ticks); give tunes in 2/4, 3/4, 4/4, 6/8, 9/8 or 12/8"
        )
        return
    if not (parts := fitting(melody, bpm)):
        found.left_out.append(f"{title}: shorter than 12 bars; give it with its repeats")
    found.melodies += parts


def fitting(melody: Melody, bpm: float) -> list[Melody]:
    """Return a tune strain by strain, in parts if it is too long to be played in one."""
    bars = PHRASE_BARS * LONGEST * 12 * melody.bar
    return [
        dataclasses.replace(whole, outline=dataclasses.replace(outline, tempo=_tempo(outline, bpm)))
        for part in _cut(melody, bars)
        if (whole := written(part)).outline is not None
        and (outline := playable(whole.outline)) is not None
    ]


def _cut(melody: Melody, longest: int) -> Iterator[Melody]:
    """Yield the parts of a melody, each from a bar line and about `longest` twelfths at most."""
    places = onsets(melody.tokens)[:-1]
    at = 0
    while at < len(places):
        after = np.flatnonzero((places >= places[at] + longest) & (places % (12 * melody.bar) == 0))
        end = int(after[0]) if len(after) else len(places)
        yield dataclasses.replace(melody, tokens=melody.tokens[at:end])
        at = end


def _tempo(outline: Outline, bpm: float) -> int:
    return round(min(max(bpm, SLOWEST), FASTEST)) if bpm else outline.tempo


def held_out(melodies: Sequence[Melody]) -> tuple[list[Melody], list[Melody]]:
    """Return the tunes to learn from, and about a quarter to check with; none of four or fewer.

    All parts and variants of a tune are on one side.
    """
    groups = sorted({melody.group for melody in melodies})
    checked = set(groups[::4]) if len(groups) > 4 else set()
    return (
        [melody for melody in melodies if melody.group not in checked],
        [melody for melody in melodies if melody.group in checked],
    )
