"""The firmware's `config.txt`: what holds for a board, and a block of our own at the end.

Text is Latin-1, so that bytes of any encoding come through unchanged. Sections begin with filters
such as `[pi4]`: https://www.raspberrypi.com/documentation/computers/config_txt.html
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

BEGIN = "# perpetuum begin: 'perpetuum setup --undo' removes this block"
END = "# perpetuum end"
SET_ASIDE = "#perpetuum# "
"""Stands before a line that our block replaces."""
WIDTH = 98
"""The firmware reads so many characters of a line."""
MODEL = re.compile(r"pi\d+w?\+?|cm\d+s?|board-type=.*")
SCOPE_END = "dtoverlay="


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Lines that must hold, and patterns of lines that must not."""

    lines: tuple[str, ...]
    conflicts: tuple[str, ...]
    why: str
    source: str

    def breaks(self, line: str) -> bool:
        return line not in self.lines and any(fnmatchcase(line, p) for p in self.conflicts)


@dataclass(slots=True)
class _Section:
    """Whether the lines that follow are read by a board that sees these filters."""

    filters: Sequence[str]
    model: bool = True
    certain: bool = True
    """False below a filter that only the running board can answer, such as `[gpio4=1]`."""

    def enter(self, name: str) -> None:
        if name == "all":
            self.model = self.certain = True
        elif MODEL.fullmatch(name):
            self.model = name in self.filters
        else:
            self.certain = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that a board with certain filters may read."""

    number: int
    content: str
    certain: bool
    """Whether it is sure to."""


def _read(text: str, filters: Sequence[str]) -> list[_Line]:
    """The lines that a board with these filters reads, or may read."""
    section, found = _Section(filters), []
    for number, line in enumerate(text.split("\n")):
        content = line.strip()
        if content.startswith("[") and content.endswith("]"):
            section.enter(content[1:-1])
        elif content and not content.startswith("#") and section.model:
            found.append(_Line(number, content, section.certain))
    return found


def with_block(text: str, changes: Sequence[ConfigChange], filters: Sequence[str]) -> str:
    """The text with what `changes` ask for. What holds already is not said twice."""
    text = without_block(text)
    lines = text.split("\n")
    for line in _read(text, filters):
        if line.certain and any(change.breaks(line.content) for change in changes):
            lines[line.number] = SET_ASIDE + lines[line.number]
    text = "\n".join(lines)
    block = list(_block(changes, _read(text, filters), filters[-1]))
    if not block:
        return text
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else ending
    return text + gap + "".join(line + ending for line in block)


def without_block(text: str) -> str:
    """The text without what we added, and with what we set aside."""
    kept, inside = [], False
    for line in text.split("\n"):
        content = line.strip()
        inside = inside or content == BEGIN
        if not inside:
            kept.append(line.removeprefix(SET_ASIDE))
        inside = inside and content != END
    return "\n".join(kept)


def _block(
    changes: Sequence[ConfigChange], effective: Sequence[_Line], model: str
) -> Iterator[str]:
    wanted = [(change, _missing(change.lines, effective)) for change in changes]
    if not any(lines for _, lines in wanted):
        return
    yield BEGIN
    # Other filters add up: only [all] ends those before.
    yield "[all]"
    yield f"[{model}]"
    for change, lines in wanted:
        if lines:
            yield from textwrap.wrap(change.why, WIDTH, initial_indent="# ", subsequent_indent="# ")
            yield from lines
    yield "[all]"
    yield END


def _missing(lines: Sequence[str], effective: Sequence[_Line]) -> list[str]:
    """The lines that do not hold, and with them the empty `dtoverlay=` that one may need."""
    missing = [line for line in lines if line != SCOPE_END and not _holds(line, effective)]
    return [line for line in lines if line in missing or (missing and line == SCOPE_END)]


def _holds(line: str, effective: Sequence[_Line]) -> bool:
    """Overlays add up. Of a setting, or a parameter, the last one counts, be it one that may be."""
    key, _, value = line.partition("=")
    if key == "dtoverlay":
        name, *parameters = value.split(",")
        return any(e.certain and _loads(e.content, name, set(parameters)) for e in effective)
    if key == "dtparam":
        key = line[: line.index("=", len("dtparam=")) if "=" in value else None]
    holds = False
    for each in effective:
        if each.content != line and (each.content == key or each.content.startswith(f"{key}=")):
            holds = False
        elif each.content == line and each.certain:
            holds = True
    return holds


def _loads(line: str, name: str, parameters: set[str]) -> bool:
    key, _, value = line.partition("=")
    loaded, *given = value.split(",")
    return key == "dtoverlay" and loaded == name and parameters <= set(given)
