"""Edit the kernel's command line in `cmdline.txt`: one line of words.

Blanks and tabs separate the words, except inside double quotes:
https://docs.kernel.org/admin-guide/kernel-parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

WORD = re.compile(r'(\s*)((?:[^\s"]|"[^"]*(?:"|$))+)', re.ASCII)
"""A word and the gap before it."""
BLANK = " \t\r\f\v"


@dataclass(frozen=True, slots=True)
class CmdlineChange:
    """Patterns of words to remove, and words to add."""

    remove: tuple[str, ...]
    add: tuple[str, ...]
    why: str
    source: str
    unlist: tuple[str, ...] = ()
    """Patterns such as `modules-load=g_*` of items to remove from the list in a word."""


def changed(text: str, changes: Sequence[CmdlineChange]) -> str:
    """Return the text with the changes made to its first line."""
    line, ending, rest = _parts(text)
    words_left: list[tuple[str, str]] = []
    first_gap = line[: len(line) - len(line.lstrip(BLANK))]
    for gap, word in WORD.findall(line):
        if rest_of_word := _without(word, changes):
            # The word that comes first now needs no gap.
            words_left.append((gap if words_left else first_gap, rest_of_word))
    words = [word for _, word in words_left]
    added = [word for change in changes for word in change.add if word not in words]
    line = "".join(gap + word for gap, word in words_left) + _gap_after(line) * (not added)
    return " ".join([*filter(None, [line]), *added]) + ending + rest


def restored(text: str, *, before: str, after: str) -> str:
    """Undo the change from `before` to `after` in a text that the user has edited since.

    Words that the set-up removed return to the front, where Raspberry Pi OS has them.
    """
    line, ending, rest = _parts(text)
    old, new, now = (_words(_parts(each)[0]) for each in (before, after, text))
    added = [word for word in new if word not in old]
    removed = [word for word in old if word not in new and word not in now]
    removal = CmdlineChange(tuple(map(_literal, added)), (), "", "")
    return " ".join([*removed, *filter(None, [changed(line, [removal])])]) + ending + rest


def _without(word: str, changes: Sequence[CmdlineChange]) -> str:
    """Return the part of a word that the changes leave; an empty string if they remove it."""
    bare = word.replace('"', "")
    for change in changes:
        if any(fnmatchcase(bare, pattern) for pattern in change.remove):
            return ""
        for pattern in change.unlist:
            word = _without_items(word, *pattern.split("=", 1))
    return word


def _without_items(word: str, name: str, pattern: str) -> str:
    key, equals, value = word.replace('"', "").partition("=")
    # The kernel treats "-" like "_"; the prefix "rd." addresses the initial file system.
    if not equals or key.replace("_", "-").removeprefix("rd.") != name:
        return word
    items = [each for each in value.split(",") if not fnmatchcase(each, pattern)]
    if items == value.split(","):
        return word
    # Quotes may begin anywhere in a word; what is left needs them only for blanks.
    left = f"{key}={','.join(items)}" if any(items) else ""
    return f'"{left}"' if re.search(r"\s", left) else left


def _literal(word: str) -> str:
    """Return a pattern that matches this word only."""
    return re.sub(r"([*?[])", r"[\1]", word)


def _words(line: str) -> list[str]:
    return [word for _, word in WORD.findall(line)]


def _gap_after(line: str) -> str:
    return line[len(line.rstrip(BLANK)) :]


def _parts(text: str) -> tuple[str, str, str]:
    """Split a text into its first line, the line's ending and the rest."""
    line, newline, rest = text.partition("\n")
    bare = line.removesuffix("\r")
    return bare, line[len(bare) :] + newline, rest
