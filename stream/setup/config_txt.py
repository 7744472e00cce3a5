"""Edit the firmware's `config.txt`: append a block, and turn conflicting lines into comments.

Text is Latin-1, so that bytes of any encoding stay unchanged.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from stream.setup.config_reader import (
    ON_THE_BOARD,
    WIDTH,
    Config,
    Kind,
    Line,
    Statement,
    read,
)
from stream.setup.config_request import SCOPE_END, ConfigChange, is_boards_parameter, is_known
from stream.setup.filters import Board, Reading

__all__ = [
    "BEGIN",
    "END",
    "ConfigChange",
    "doubts",
    "edited",
    "is_edited",
    "with_block",
    "without_block",
]

BEGIN = "# perpetuum begin: 'perpetuum setup --undo' removes this block"
END = "# perpetuum end"
SET_ASIDE = "#perpetuum# "
"""Prefix of a line that conflicts with the block."""
INSTEAD = "#perpetuum+ "
"""Prefix of a copy of the next line, which replaces a conflicting line."""


def with_block(text: str, changes: Sequence[ConfigChange], filters: Sequence[str]) -> str:
    """Return the text of a file without includes, edited as `changes` request."""
    return edited({"": text}, "", changes, Board(tuple(filters)))[""]


def edited(
    files: Mapping[str, str], main: str, changes: Sequence[ConfigChange], board: Board
) -> dict[str, str]:
    """Return `main` and the files that it includes, edited as `changes` request.

    Lines that hold already are not written again.
    """
    texts = {path: without_block(text) for path, text in files.items()}
    config = read(texts, main, board)
    aside = [
        statement
        for statement in config.statements
        if _reading(statement, changes, config) is Reading.SURELY
    ]
    for path in {statement.line.file for statement in aside}:
        texts[path] = _without(texts[path], path, aside, config)
    block = list(_block(changes, read(texts, main, board), board.filters[-1]))
    if block:
        text = texts[main]
        ending = "\r\n" if "\r\n" in text else "\n"
        gap = "" if not text or text.endswith("\n") else ending
        texts[main] = text + gap + "".join(line + ending for line in block)
    return texts


def doubts(config: Config, changes: Sequence[ConfigChange]) -> list[Line]:
    """Return conflicting lines that the board may read and that the set-up cannot override."""
    return [
        statement.line
        for statement in config.statements
        if _reading(statement, changes, config) is Reading.MAYBE
        and not any(change.overrides(statement) for change in changes)
    ]


def is_edited(text: str) -> bool:
    """Return True if a set-up has edited the file."""
    return any(line.startswith((BEGIN, SET_ASIDE, INSTEAD)) for line in text.split("\n"))


def without_block(text: str) -> str:
    """Remove the block from a text, and restore the conflicting lines."""
    lines = text.split("\n")
    stripped = [line.strip() for line in lines]
    if BEGIN in stripped and END in stripped[stripped.index(BEGIN) :]:
        begin = stripped.index(BEGIN)
        end = stripped.index(END, begin)
        return without_block("\n".join(lines[:begin] + lines[end + 1 :]))
    kept: list[str] = []
    instead = None
    for line in lines:
        if instead is not None and line.strip() == instead:
            instead = None
        elif line.startswith(INSTEAD):
            instead = line.removeprefix(INSTEAD).strip()
        elif line.strip() != BEGIN:
            kept.append(line.removeprefix(SET_ASIDE))
            instead = None
    return "\n".join(kept)


def _reading(statement: Statement, changes: Iterable[ConfigChange], config: Config) -> Reading:
    return max((change.conflict(statement, config) for change in changes), default=Reading.NEVER)


def _without(text: str, path: str, aside: Sequence[Statement], config: Config) -> str:
    """Return the text of a file with some statements turned into comments."""
    lines, statements = [], defaultdict(list)
    for statement in config.statements:
        if statement.line.file == path:
            statements[statement.line.number].append(statement)
    for number, line in enumerate(text.split("\n")):
        here = statements[number]
        gone = [statement for statement in here if statement in aside]
        if not gone:
            lines.append(line)
            continue
        ending = "\r" if line.endswith("\r") else ""
        lines.append(SET_ASIDE + line)
        for left in _remainder(here, gone, config):
            lines += [INSTEAD + left + ending, left + ending]
    return "\n".join(lines)


def _remainder(
    here: Sequence[Statement], gone: Sequence[Statement], config: Config
) -> Iterator[str]:
    """Yield the lines that replace a line when some of its statements are removed."""
    if here[0] in gone and here[0].kind is Kind.OVERLAY:
        # A parameter of the board below it may be known to the overlay before it.
        below = [f for f in config.statements if f not in here and here[0].index in f.scopes]
        if any(
            is_known(statement.name, scope, config)
            for statement in below
            for scope in here[0].scopes
        ):
            yield SCOPE_END
        return
    texts = list(dict.fromkeys(statement.text for statement in here if statement not in gone))
    if texts and here[0].kind is not Kind.SETTING:
        yield here[0].line.content.partition("=")[0] + "=" + ",".join(texts)


def _block(changes: Sequence[ConfigChange], config: Config, model: str) -> Iterator[str]:
    missing = [(change, list(change.missing(config))) for change in changes]
    if not any(lines for _, lines in missing):
        return
    yield BEGIN
    # Filters add up: only [all] ends those before.
    yield "[all]"
    yield f"[{model}]"
    is_open = config.scopes != {ON_THE_BOARD}
    for change, lines in missing:
        if lines:
            yield from textwrap.wrap(change.why, WIDTH, initial_indent="# ", subsequent_indent="# ")
        for line in lines:
            is_parameter = is_boards_parameter(line)
            if is_parameter and is_open:
                yield SCOPE_END
            yield line
            is_open = not is_parameter and (is_open or line.startswith(SCOPE_END))
    yield "[all]"
    yield END
