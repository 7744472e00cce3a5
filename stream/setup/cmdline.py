"""The kernel's command line in `cmdline.txt`: one line of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class CmdlineChange:
    """Patterns of words that must not be there, and words that must."""

    remove: tuple[str, ...]
    add: tuple[str, ...]
    why: str
    source: str


def changed(text: str, changes: Sequence[CmdlineChange]) -> str:
    """The first line with the changes made; everything else stays as it is."""
    line, ending, rest = _parts(text)
    patterns = [pattern for change in changes for pattern in change.remove]
    words = [
        word for word in line.split(" ") if not any(fnmatchcase(word, each) for each in patterns)
    ]
    present = set(words)
    added = [word for change in changes for word in change.add if word not in present]
    return " ".join([*_without_last_gap(words, added), *added]) + ending + rest


def restored(text: str, *, before: str, after: str) -> str:
    """What the user made of `after`, with our changes taken back: for a file edited since.

    Words that we removed come back at the front, where they stand in Raspberry Pi OS.
    """
    line, ending, rest = _parts(text)
    old, new = _parts(before)[0].split(" "), _parts(after)[0].split(" ")
    ours = [word for word in new if word not in old]
    words = [word for word in line.split(" ") if word not in ours]
    lost = [word for word in old if word and word not in new and word not in words]
    return " ".join([*lost, *words]) + ending + rest


def _without_last_gap(words: list[str], added: list[str]) -> list[str]:
    """Blanks at the end of the line would part our words from the others twice."""
    while added and words and not words[-1]:
        words = words[:-1]
    return words


def _parts(text: str) -> tuple[str, str, str]:
    """The first line, its ending and the rest."""
    line, newline, rest = text.partition("\n")
    bare = line.removesuffix("\r")
    return bare, line[len(bare) :] + newline, rest
