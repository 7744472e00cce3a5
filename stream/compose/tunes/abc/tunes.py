"""The first voice of each tune of an ABC file, as it is played.

Parts follow the P field of the header; segno and da capo are not followed. Unreadable tunes are
left out.
"""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from stream.compose.tunes.abc import transposition
from stream.compose.tunes.abc.fields import Meter, default_unit, parse_meter, parse_unit
from stream.compose.tunes.abc.keys import Key, parse_key
from stream.compose.tunes.abc.parts import in_order
from stream.compose.tunes.abc.playing import frame, notes, timed
from stream.compose.tunes.abc.text import read_text, tunes
from stream.compose.tunes.abc.tokens import Field, Token, scan
from stream.compose.tunes.abc.transposition import Transposition
from stream.compose.tunes.abc.voice import State, Voice
from stream.compose.tunes.dances import kind_of
from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.midi_melodies import Notify, ignore

FIELD = re.compile(r"([A-Za-z+]):(?!(?<=[A-Ga-gxz]:)[|:])\s*(.*)")
"""Pattern of a line that is a field; `d:|` is music."""


METER = re.compile(r"\d{1,2}/[1-9]\d?")
WRITTEN = {"C": "4/4", "C|": "2/2"}
"""Meters by their signs."""


PLAIN = {"X": "number", "P": "parts", "R": "rhythm"}
"""Fields whose last value counts as it is written."""


@dataclass(slots=True)
class Header:
    """The fields above the music of a tune."""

    title: str = ""
    number: str = ""
    parts: str = ""
    """Order of the parts."""
    meter: Meter = field(default_factory=Meter)
    unit: Fraction | None = None
    measure: str = ""
    """Meter as it is written."""
    rhythm: str = ""
    """Type of the dance as the collection calls it."""
    key: Key = field(default_factory=Key)
    transposition: Transposition = field(default_factory=Transposition)
    voice: str = ""
    """Name of the first voice."""
    voice_values: list[str] = field(default_factory=list)
    """Values of the V fields of that voice."""
    about: str = ""
    """Name of the voice in the last V field."""

    def state(self) -> State:
        """Return the state where the music begins; V fields override the key's transposition."""
        unit = self.unit or default_unit(self.meter)
        moved = functools.reduce(_then_by_voice, self.voice_values, self.transposition)
        return State(self.key, self.meter, unit, moved)


def read_abc(path: Path, style: str, tell: Notify = ignore) -> Iterator[Tune]:
    """Yield the tunes of one file; tunes of the same title share a group.

    `tell` gets a sentence if some of them are left out. Raises `CorpusError` if none is readable,
    with the reason of the first.
    """
    reasons: list[str] = []
    found = False
    for lines in tunes(read_text(path)):
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


def _tune(lines: list[str], path: Path, style: str) -> Tune:
    rest = iter(lines)
    header = _header(rest)
    voice = Voice(header.state())
    for token in _first_voice(_body(rest), header.voice):
        voice.read(token)
    played = timed(in_order(voice.written, header.parts))
    found = notes(played)
    whole = frame(played)
    group = header.title.casefold() or f"{path.name} {header.number}"
    return Tune(
        notes=found,
        title=header.title or f"{path.stem} {header.number}",
        style=style,
        group=zlib.crc32(group.encode(errors="surrogateescape")),
        bar=whole.bar,
        downbeat=whole.downbeat,
        mode=whole.mode,
        meter=header.measure if re.fullmatch(METER, header.measure) else "",
        kind=kind_of(header.rhythm, header.measure) if header.rhythm else "",
    )


def _header(lines: Iterator[str]) -> Header:
    """Parse the lines up to and including the K field. Raises `CorpusError` without one."""
    header = Header()
    for line in lines:
        match = FIELD.match(line)
        letter, value = match.groups() if match else ("", "")
        if letter in PLAIN:
            setattr(header, PLAIN[letter], value)
        elif letter == "T":
            header.title = header.title or value
        elif letter == "M":
            header.meter = parse_meter(value)
            header.measure = WRITTEN.get(value.strip(), value.strip())
        elif letter == "L":
            header.unit = parse_unit(value)
        elif letter == "V":
            _about_voice(header, value)
        elif letter == "I" and header.about == header.voice:
            header.transposition = transposition.by_directive(value, header.transposition)
        elif letter == "K":
            header.key = parse_key(value, Key())
            header.transposition = transposition.by_field(value, header.transposition)
            return header
    raise CorpusError(f"tune {header.number[:20]!r} has no key: end its header with a line K:")


def _about_voice(header: Header, value: str) -> None:
    header.about = _voice_name(value)
    header.voice = header.voice or header.about
    if header.about == header.voice:
        header.voice_values.append(value)


def _then_by_voice(before: Transposition, value: str) -> Transposition:
    return transposition.by_voice(value, before)


def _body(lines: Iterable[str]) -> Iterator[Token]:
    """Yield the tokens of the music, up to the first empty line."""
    for line in itertools.takewhile(bool, lines):
        match = FIELD.match(line)
        if match:
            yield Field(*match.groups())
        else:
            yield from scan(line)


def _first_voice(tokens: Iterable[Token], first: str) -> Iterator[Token]:
    """Yield the tokens of the first voice, named or not, and the part marks of all voices."""
    current = first
    begun = bool(first)
    for token in tokens:
        if isinstance(token, Field) and token.letter == "V":
            current = _voice_name(token.value)
            first = first if begun else current
        is_part = isinstance(token, Field) and token.letter == "P"
        if current == first or is_part:
            begun = begun or not isinstance(token, Field)
            yield token


def _voice_name(value: str) -> str:
    return (value.split() or [""])[0]
