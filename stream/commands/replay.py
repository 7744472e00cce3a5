"""`perpetuum replay`: compose a recording again from its requests, and compare the bytes."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from stream.commands.checks import check_new
from stream.commands.recompose import Recreated, Recreation
from stream.errors import RecordingError, SettingsError, SinkError
from stream.kept import tastes
from stream.play.recording.default_folder import recordings_folder
from stream.play.recording.format import FILE_TICKS, SILENCE, file_bytes
from stream.play.recording.reader import StoredSection, events, read, read_bytes
from stream.play.recording.recorder import KEPT
from stream.util import atomic_write
from stream.util.console import say
from stream.util.version import program_version

KINDS = {0x80: "the end of note", 0x90: "note", 0xB0: "controller", 0xC0: "program"}
"""Name of a message by its status."""


def run(args: argparse.Namespace) -> int:
    """Print the comparison; return 0 if the bytes are the same, else 1."""
    if args.to is not None:
        check_new("--to", args.to)
    try:
        data = read_bytes(args.file)
        sections, end = read(data)
        recreation = Recreation(sections, args.voice, args.ensemble)
        with contextlib.closing(recreation):
            parts = list(recreation.parts())
    except RecordingError as error:
        raise RecordingError(f"{args.file}: {error}; give a recording made by perpetuum") from error
    made = file_bytes(part.made for part in parts)
    if args.to is not None:
        _write(args.to, made)
    differs = [*_changed(recreation)]
    if made != data:
        differs += _versions(sections)
        differs += _differences(parts, data, made, end)
    ratings = list(_other_ratings(recreation))
    phrases = sum(part.found.music != SILENCE for part in parts)
    if args.json:
        facts = {"file": str(args.file), "phrases": phrases, "same": not differs}
        say(json.dumps(facts | {"differs": differs, "ratings": ratings}))
    else:
        say(*_lines(str(args.file), phrases, differs), *ratings)
    return 1 if differs else 0


def _write(path: Path, data: bytes) -> None:
    try:
        atomic_write.create_durably(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise SinkError(f"--to {path}: cannot be written ({error.strerror})") from error


def _changed(recreation: Recreation) -> Iterator[str]:
    """Yield a sentence about each voice, ensemble and own style that is another one here."""
    yield from _changed_voices(recreation)
    yield from _changed_ensembles(recreation)
    for name, recorded, found in recreation.changed_styles():
        here = f"the one here has SHA-256 {found[:16]}…" if found else "it is not here"
        yield (
            f"own style {name}: {here}, the recorded one {recorded[:16]}…; add that file by"
            " 'perpetuum style add FILE'"
        )


def _changed_voices(recreation: Recreation) -> Iterator[str]:
    for header, digest in recreation.changed_voices():
        yield (
            f"voice {header.voice}: the file here has SHA-256 {digest[:16]}…, the recorded one"
            f" {header.sha256[:16]}…; give that file by --voice FILE"
        )


def _changed_ensembles(recreation: Recreation) -> Iterator[str]:
    for name, recorded, found in recreation.changed_ensembles():
        yield (
            f"ensemble {name}: the file here has SHA-256 {found[:16]}…, the recorded one"
            f" {recorded[:16]}…; give that file by --ensemble FILE"
        )


def _other_ratings(recreation: Recreation) -> Iterator[str]:
    """Yield a line if the music was moved by other ratings than those here."""
    try:
        here = tastes.read(recordings_folder(os.environ).parent / KEPT).ratings
    except SettingsError:
        here = ""
    recorded = [each for each in recreation.ratings if each != here]
    if recorded:
        ours = f"those here have {here}" if here else "there are none here"
        yield (
            f"ratings: moved by stars with the hash {', '.join(recorded)}, and {ours}; what they"
            " moved is recorded, so the music is the same"
        )


def _versions(sections: Sequence[StoredSection]) -> Iterator[str]:
    ours = program_version()
    for version in sorted({s.header.perpetuum for s in sections} - {ours}):
        yield f"recorded by version {version}, composed again by {ours}"


def _differences(parts: Sequence[Recreated], data: bytes, made: bytes, end: int) -> Iterator[str]:
    """Yield the differences of two files; the recorded one is valid up to its `end`."""
    others = [part for part in parts if part.found != part.made]
    if others:
        first = others[0]
        more = f"; so do {len(others) - 1} after it" if len(others) > 1 else ""
        yield f"{_first(first)}{more}"
    if end < len(data):
        yield f"{len(data) - end} bytes after its end: its last part is incomplete"
    elif not others:
        at = next(i for i, (a, b) in enumerate(zip(data, made, strict=False)) if a != b)
        yield f"byte {at} is {data[at]:#04x}, not {made[at]:#04x}"


def _first(part: Recreated) -> str:
    """Describe how a part differs: its first different event, else its text."""
    for one, other in itertools.zip_longest(events(part.found.music), events(part.made.music)):
        if one != other:
            return f"phrase {part.number}: recorded {_event(one)}, composed {_event(other)}"
    return f"phrase {part.number}: its text differs"


def _event(event: tuple[int, bytes] | None) -> str:
    if event is None:
        return "nothing"
    tick, data = event
    where = f"at beat {1 + tick / FILE_TICKS / 48:.4g}"
    if not data:
        return f"its end {where}"
    if data[0] == 0xFF:
        return f"{60e6 / max(int.from_bytes(data[3:]), 1):.4g} bpm {where}"
    kind = KINDS[data[0] & 0xF0]
    if len(data) == 2:
        return f"{kind} {data[1] + 1} on channel {(data[0] & 0x0F) + 1} {where}"
    value = "value" if data[0] & 0xF0 == 0xB0 else "velocity"
    return f"{kind} {data[1]} ({value} {data[2]}) {where}"


def _lines(name: str, phrases: int, differs: Sequence[str]) -> Iterator[str]:
    if not differs:
        yield f"{name}: {phrases} phrases, re-created byte for byte"
        return
    yield f"{name}: {phrases} phrases; composing them again gives another file"
    yield from (f"  {line}" for line in differs)
