"""Split an ABC file into the lines of its tunes, without comments and blocks of other text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from stream.errors import CorpusError

MOST_BYTES = 100_000_000
COMMENT = re.compile(r"(?<!\\)%.*")
BEGIN = re.compile(r"%%?\s*begin(\w+)")
"""Pattern of the first line of a block of text, PostScript, SVG or a program, which is not ABC."""
END = re.compile(r"%%?\s*end(\w+)")
DIRECTIVE = re.compile(r"%%\s*(?=[A-Za-z])")
"""Pattern of a directive, which is read as an I field."""


def read_text(path: Path) -> str:
    """Return the text of a file. Raises `CorpusError` if it is unreadable or too long."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > MOST_BYTES:
        raise CorpusError(f"{path}: over {MOST_BYTES} bytes; split it into several files")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1")


def tunes(text: str) -> Iterator[list[str]]:
    """Yield the lines of each tune; meter and unit of the file header come first."""
    lines = list(_music(_without_blocks(re.split(r"\r\n|\r|\n", text))))
    heads = [i for i, line in enumerate(lines) if line.startswith("X:")]
    common = [line for line in lines[: heads[0]] if re.match(r"[ML]:", line)] if heads else []
    for begin, end in itertools.pairwise([*heads, len(lines)]):
        yield common + lines[begin:end]


def _music(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines without comments; lines of comments alone are left out.

    They would otherwise become empty lines, which end a tune.
    """
    for line in lines:
        if DIRECTIVE.match(line):
            yield DIRECTIVE.sub("I:", line)
        elif not line.startswith("%"):
            yield COMMENT.sub("", line).rstrip()


def _without_blocks(written: Sequence[str]) -> Iterator[str]:
    lines = [line.strip() for line in written]
    ends = _ends(lines)
    at = 0
    while at < len(lines):
        if at in ends:
            at = ends[at]
        else:
            yield lines[at]
        at += 1


def _ends(lines: Sequence[str]) -> dict[int, int]:
    """Return the last line of each block, by its first; blocks without an end are ignored."""
    ends: dict[int, int] = {}
    begun: dict[str, int] = {}
    for i, line in enumerate(lines):
        if begin := BEGIN.match(line):
            begun[begin[1]] = i
        elif (end := END.match(line)) and end[1] in begun:
            ends[begun.pop(end[1])] = i
    return ends
