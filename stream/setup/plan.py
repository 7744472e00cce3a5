"""From a system as it is, and a recipe, to the system as it shall be."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from stream.setup import boot_files
from stream.setup.boot_files import CMDLINE, CONFIG
from stream.setup.entry import Entry, Tree
from stream.setup.recipe import Recipe

BOOT = ("/boot/firmware", "/boot")
"""Where Raspberry Pi OS keeps the firmware's files: since bookworm, and before."""
MOVED = b"has moved to /boot/firmware/"
"""Stands in the files that bookworm leaves in `/boot`, and that the firmware never reads."""


def is_boot_file(path: str) -> bool:
    """Whether this can be a file of the firmware's, under a name that needs no second look."""
    within = path.startswith(tuple(f"{folder}/" for folder in BOOT))
    plain = path.isascii() and path.isprintable()
    return within and plain and posixpath.normpath(path) == path


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is changed, and who says so."""

    why: str
    source: str


def paths(recipe: Recipe, boot: str) -> list[str]:
    """Every path that the recipe may touch, but for files that `config.txt` names."""
    placed = [placement.path for placement in recipe.placements]
    return [f"{boot}/{CONFIG}", f"{boot}/{CMDLINE}", *placed]


def applied(before: Tree, recipe: Recipe, boot: str) -> dict[str, Entry]:
    """What shall stand at each path of the recipe; what it leaves alone stays as it was.

    Raises `SettingsError` if something to be edited is missing, or is no plain file.
    """
    after = {path: before[path] for path in paths(recipe, boot)}
    after |= boot_files.edited(before, f"{boot}/{CONFIG}", recipe)
    for placement in recipe.placements:
        if not placement.shall_stay(before[placement.path]):
            after[placement.path] = placement.entry
    return after


def reasons(recipe: Recipe, after: Tree, boot: str) -> dict[str, list[Reason]]:
    """Why each path is changed."""
    config = [Reason(change.why, change.source) for change in recipe.config]
    words = [Reason(change.why, change.source) for change in recipe.cmdline]
    main = f"{boot}/{CONFIG}"
    settings = {main, *boot_files.config_of(after, main, recipe.board).included}
    found = {path: config if path in settings else words for path in after if is_boot_file(path)}
    for placement in recipe.placements:
        found.setdefault(placement.path, []).append(Reason(placement.why, placement.source))
    return found
