"""The kernel's command line in `cmdline.txt`: one line of words.

Blanks and tabs part them, but for those in double quotes:
https://docs.kernel.org/admin-guide/kernel-parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

WORD = re.compile(r'(\s*)((?:[^\s"]|"[^"]*(?:"|$))+)', re.ASCII)
"""A word, and the gap before it."""
BLANK = " \t\r\f\v"


@dataclass(frozen=True, slots=True)
class CmdlineChange:
    """Patterns of words that must not be there, and words that must."""

    remove: tuple[str, ...]
    add: tuple[str, ...]
    why: str
    source: str
    unlist: tuple[str, ...] = ()
    """Patterns such as `modules-load=g_*`, of what must not be in the list of a word."""


def changed(text: str, changes: Sequence[CmdlineChange]) -> str:
    """The first line with the changes made; everything else stays as it is."""
    line, ending, rest = _parts(text)
    kept: list[tuple[str, str]] = []
    first_gap = line[: len(line) - len(line.lstrip(BLANK))]
    for gap, word in WORD.findall(line):
        if left := _left(word, changes):
            # What comes first now is parted from nothing.
            kept.append((gap if kept else first_gap, left))
    words = [word for _, word in kept]
    added = [word for change in changes for word in change.add if word not in words]
    line = "".join(gap + word for gap, word in kept) + _gap_after(line) * (not added)
    return " ".join([*filter(None, [line]), *added]) + ending + rest


def restored(text: str, *, before: str, after: str) -> str:
    """What the user made of `after`, with our changes taken back: for a file edited since.

    Words that we removed come back at the front, where they stand in Raspberry Pi OS.
    """
    line, ending, rest = _parts(text)
    old, new, now = (_words(_parts(each)[0]) for each in (before, after, text))
    ours = [word for word in new if word not in old]
    lost = [word for word in old if word not in new and word not in now]
    taken = CmdlineChange(tuple(map(_literal, ours)), (), "", "")
    return " ".join([*lost, *filter(None, [changed(line, [taken])])]) + ending + rest


def _left(word: str, changes: Sequence[CmdlineChange]) -> str:
    """What is to stay of a word, maybe nothing."""
    meant = word.replace('"', "")
    for change in changes:
        if any(fnmatchcase(meant, pattern) for pattern in change.remove):
            return ""
        for pattern in change.unlist:
            word = _without_items(word, *pattern.split("=", 1))
    return word


def _without_items(word: str, name: str, pattern: str) -> str:
    key, equals, value = word.replace('"', "").partition("=")
    # The kernel takes "-" for "_"; "rd." is for the initial file system.
    if not equals or key.replace("_", "-").removeprefix("rd.") != name:
        return word
    items = [each for each in value.split(",") if not fnmatchcase(each, pattern)]
    if items == value.split(","):
        return word
    # Quotes may begin anywhere in a word; around what is left they are needed for blanks alone.
    left = f"{key}={','.join(items)}" if any(items) else ""
    return f'"{left}"' if re.search(r"\s", left) else left


def _literal(word: str) -> str:
    """A pattern that this word alone meets."""
    return re.sub(r"([*?[])", r"[\1]", word)


def _words(line: str) -> list[str]:
    return [word for _, word in WORD.findall(line)]


def _gap_after(line: str) -> str:
    return line[len(line.rstrip(BLANK)) :]


def _parts(text: str) -> tuple[str, str, str]:
    """The first line, its ending and the rest."""
    line, newline, rest = text.partition("\n")
    bare = line.removesuffix("\r")
    return bare, line[len(bare) :] + newline, rest
