"""From a system as it is, and a recipe, to the system as it shall be."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from stream.errors import SettingsError
from stream.setup import cmdline, config_txt
from stream.setup.entry import Entry, File, Tree
from stream.setup.recipe import Recipe

CONFIG = "config.txt"
CMDLINE = "cmdline.txt"
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
    """Every path that the recipe may touch."""
    placed = [placement.path for placement in recipe.placements]
    return [f"{boot}/{CONFIG}", f"{boot}/{CMDLINE}", *placed]


def applied(before: Tree, recipe: Recipe, boot: str) -> dict[str, Entry]:
    """What shall stand at each path of the recipe; what it leaves alone stays as it was.

    Raises `SettingsError` if something to be edited is missing, or is no plain file.
    """
    after = {path: before[path] for path in paths(recipe, boot)}
    path = f"{boot}/{CONFIG}"
    after[path] = _edited(
        path,
        before[path],
        lambda text: config_txt.with_block(text, recipe.config, recipe.filters),
    )
    path = f"{boot}/{CMDLINE}"
    if recipe.cmdline:
        after[path] = _edited(
            path, before[path], lambda text: cmdline.changed(text, recipe.cmdline)
        )
    for placement in recipe.placements:
        if not placement.shall_stay(before[placement.path]):
            after[placement.path] = placement.entry
    return after


def reasons(recipe: Recipe, boot: str) -> dict[str, list[Reason]]:
    """Why each path is changed."""
    found: dict[str, list[Reason]] = {path: [] for path in paths(recipe, boot)}
    for config in recipe.config:
        found[f"{boot}/{CONFIG}"].append(Reason(config.why, config.source))
    for words in recipe.cmdline:
        found[f"{boot}/{CMDLINE}"].append(Reason(words.why, words.source))
    for placement in recipe.placements:
        found[placement.path].append(Reason(placement.why, placement.source))
    return found


def _edited(path: str, entry: Entry, edit: Callable[[str], str]) -> Entry:
    if not isinstance(entry, File):
        raise SettingsError(f"setup: {path} is not there; is this the root of a Raspberry Pi OS?")
    # Latin-1 gives every byte back, whatever the encoding of the user's comments is.
    return File(edit(entry.data.decode("latin-1")).encode("latin-1"), entry.mode)
