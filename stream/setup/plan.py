"""Apply a recipe to the entries of a system."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from stream.setup import boot_files
from stream.setup.boot_files import CMDLINE, CONFIG
from stream.setup.entry import Entry, Tree
from stream.setup.recipe import Recipe

BOOT = ("/boot/firmware", "/boot")
"""Folders of the firmware's files in Raspberry Pi OS: since bookworm, and before."""
MOVED = b"has moved to /boot/firmware/"
"""Text in the files that bookworm leaves in `/boot`, which the firmware never reads."""


def is_boot_file(path: str) -> bool:
    """Return True if a path is in the firmware's folder and has a plain name."""
    within = path.startswith(tuple(f"{folder}/" for folder in BOOT))
    plain = path.isascii() and path.isprintable()
    return within and plain and posixpath.normpath(path) == path


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for a change, and its source."""

    why: str
    source: str


def paths(recipe: Recipe, boot: str) -> list[str]:
    """Return all paths that the recipe may change, except files that `config.txt` names."""
    placed = [placement.path for placement in recipe.placements]
    return [f"{boot}/{CONFIG}", f"{boot}/{CMDLINE}", *placed]


def applied(before: Tree, recipe: Recipe, boot: str) -> dict[str, Entry]:
    """Return the entry after the set-up at each path of the recipe.

    Raises `SettingsError` if a file to be edited is missing, or is not a regular file.
    """
    after = {path: before[path] for path in paths(recipe, boot)}
    after |= boot_files.edited(before, f"{boot}/{CONFIG}", recipe)
    for placement in recipe.placements:
        if not placement.keeps(before[placement.path]):
            after[placement.path] = placement.entry
    return after


def reasons(recipe: Recipe, after: Tree, boot: str) -> dict[str, list[Reason]]:
    """Return the reasons for the change of each path."""
    config = [Reason(change.why, change.source) for change in recipe.config]
    words = [Reason(change.why, change.source) for change in recipe.cmdline]
    main = f"{boot}/{CONFIG}"
    settings = {main, *boot_files.config_of(after, main, recipe.board).included}
    found = {path: config if path in settings else words for path in after if is_boot_file(path)}
    for placement in recipe.placements:
        found.setdefault(placement.path, []).append(Reason(placement.why, placement.source))
    return found
