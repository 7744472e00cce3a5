"""Reader for ABC (standard 2.1): every tune of a file, its first voice, repeats played out.

Of a chord the highest note is read. Parts (P), segno and da capo are not followed. A tune that can
not be read is left out.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from export.corpus.abc_fields import (
    Key,
    Metre,
    default_unit,
    parse_key,
    parse_metre,
    parse_unit,
)
from export.corpus.abc_repeats import unfold
from export.corpus.abc_tokens import Bar, Field, Token, scan
from export.corpus.abc_voice import Event, Voice
from export.corpus.tune import Tune
from stream.errors import CorpusError
from stream.melodies import Tell, untold
from stream.note import TICKS_PER_BEAT, Note

WHOLE = 4 * TICKS_PER_BEAT
MOST_BYTES = 100_000_000
LONGEST = 10_000 * WHOLE
"""Ticks in one tune."""
FIELD = re.compile(r"([A-Za-z+]):(?!(?<=[A-Ga-gxz]:)[|:])\s*(.*)")
"""A line that is a field; `d:|` is music."""
COMMENT = re.compile(r"(?<!\\)%.*")


@dataclass(slots=True)
class Header:
    """What stands above the music of a tune."""

    title: str = ""
    number: str = ""
    metre: Metre = field(default_factory=Metre)
    unit: Fraction | None = None
    key: Key = field(default_factory=Key)
    voice: str = ""
    """The first one."""


def read_abc(path: Path, style: str, tell: Tell = untold) -> Iterator[Tune]:
    """The tunes of one file; tunes of the same title share a group.

    `tell` gets one sentence where some of them had to be left out. Raises `CorpusError` where not
    one can be read, for the reason of the first.
    """
    reasons: list[str] = []
    found = False
    for lines in _tunes(_text(path)):
        try:
            tune = _tune(lines, path, style)
        except CorpusError as error:
            reasons.append(str(error))
        else:
            found = True
            yield tune
    if found and reasons:
        tell(f"{path}: {len(reasons)} of its tunes left out, the first because {reasons[0]}")
    if not found:
        reason = reasons[0] if reasons else "no line begins a tune with X:"
        raise CorpusError(f"{path}: no readable ABC tune ({reason})")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CorpusError(f"{path}: can not be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise CorpusError(f"{path}: over {MOST_BYTES} bytes; split it into several files")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _tunes(text: str) -> Iterator[list[str]]:
    """The lines of each tune, without comments; metre and unit of the file header come first."""
    written = (line.strip() for line in re.split(r"\r\n|\r|\n", text))
    lines = [COMMENT.sub("", line).rstrip() for line in written if not line.startswith("%")]
    heads = [i for i, line in enumerate(lines) if re.match(r"X:", line)]
    common = [line for line in lines[: heads[0]] if re.match(r"[ML]:", line)] if heads else []
    for begin, end in itertools.pairwise([*heads, len(lines)]):
        yield common + lines[begin:end]


def _tune(lines: list[str], path: Path, style: str) -> Tune:
    rest = iter(lines)
    header = _header(rest)
    voice = Voice(header.key, header.metre, header.unit or default_unit(header.metre))
    for token in _first_voice(_body(rest), header.voice):
        voice.read(token)
    group = header.title.casefold() or f"{path.name} {header.number}"
    return Tune(
        notes=_notes(unfold(voice.written)),
        title=header.title or f"{path.stem} {header.number}",
        style=style,
        group=zlib.crc32(group.encode(errors="surrogateescape")),
        bar=round(header.metre.bar * WHOLE),
        downbeat=_pickup(voice.written, header.metre),
        mode=header.key.mode,
    )


def _header(lines: Iterator[str]) -> Header:
    """Everything up to and with the K field. Raises `CorpusError` without one."""
    header = Header()
    for line in lines:
        match = FIELD.match(line)
        letter, value = match.groups() if match else ("", "")
        if letter == "X":
            header.number = value
        elif letter == "T":
            header.title = header.title or value
        elif letter == "M":
            header.metre = parse_metre(value)
        elif letter == "L":
            header.unit = parse_unit(value)
        elif letter == "V":
            header.voice = header.voice or _voice_name(value)
        elif letter == "K":
            header.key = parse_key(value, Key())
            return header
    raise CorpusError(f"tune {header.number[:20]!r} has no key: end its header with a line K:")


def _body(lines: Iterable[str]) -> Iterator[Token]:
    """The tokens of the music, up to the first empty line."""
    for line in itertools.takewhile(bool, lines):
        match = FIELD.match(line)
        if match:
            yield Field(*match.groups())
        else:
            yield from scan(line)


def _first_voice(tokens: Iterable[Token], first: str) -> Iterator[Token]:
    """What belongs to the first voice, be it named or not."""
    current = first
    begun = bool(first)
    for token in tokens:
        if isinstance(token, Field) and token.letter == "V":
            current = _voice_name(token.value)
            first = first if begun else current
        elif current == first:
            begun = begun or not isinstance(token, Field)
            yield token


def _voice_name(value: str) -> str:
    return (value.split() or [""])[0]


def _pickup(written: Iterable[Event | Bar], metre: Metre) -> int:
    """Ticks before the first bar line, where they are less than a bar."""
    now = Fraction(0)
    for element in written:
        if not isinstance(element, Bar):
            now += element.length
        elif element.line and now:
            return round(now * WHOLE) if now < metre.bar else 0
    return 0


def _notes(events: Iterable[Event]) -> tuple[Note, ...]:
    """Ties joined and rests counted. Raises `CorpusError` without a note, or with far too many."""
    notes: list[Note] = []
    now = Fraction(0)
    tied = False
    for event in events:
        onset = round(now * WHOLE)
        now += event.length
        duration = round(now * WHOLE) - onset
        if event.pitch is not None and duration:
            if tied and notes[-1].pitch == event.pitch:
                note = notes.pop()
                onset, duration = note.onset, note.duration + duration
            notes.append(Note(onset, duration, event.pitch))
        tied = event.tied and event.pitch is not None and bool(notes)
    if not notes:
        raise CorpusError("a tune without notes")
    if now * WHOLE > LONGEST:
        raise CorpusError("a tune longer than 10000 bars; is a length wrong?")
    return tuple(notes)
