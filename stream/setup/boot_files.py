"""The firmware's files: find those that a board reads, and edit them."""

from __future__ import annotations

from collections.abc import Iterable

from stream.errors import SettingsError
from stream.setup import cmdline, config_reader, config_txt
from stream.setup.config_reader import Config, beside
from stream.setup.entry import Entry, File, Tree
from stream.setup.filters import Board
from stream.setup.recipe import Recipe

CONFIG = "config.txt"
CMDLINE = "cmdline.txt"
MOST_FILES = 50
"""Limit above what any real card has, against a card made to exhaust the program."""


def config_of(tree: Tree, main: str, board: Board) -> Config:
    """Return what a board reads in `config.txt` and in the files of the tree that it includes."""
    return config_reader.read(_texts(tree), main, board)


def named(tree: Tree, main: str, board: Board) -> set[str]:
    """Return the files that `config.txt` names, existing or not.

    Raises `SettingsError` for too many.
    """
    config = config_of(tree, main, board)
    found = {*config.included, *command_lines(config, main)}
    if len(found) > MOST_FILES:
        raise SettingsError(f"setup: {main} names more than {MOST_FILES} files; name fewer")
    return found


def command_lines(config: Config, main: str) -> list[str]:
    """Return the files that may be the kernel's command line.

    The prefix of an operating system counts only if the firmware finds its kernel there, so the
    files with and without it are returned.
    """
    prefixes = {"", *config.values("os_prefix", "")}
    if "1" in config.values("upstream_kernel", "0"):
        prefixes.add("upstream/")
    names = config.values("cmdline", CMDLINE)
    paths = {
        beside(main, name if name.startswith("/") else prefix + name)
        for name in names
        for prefix in prefixes
    }
    return sorted(paths)


def edited(tree: Tree, main: str, recipe: Recipe) -> dict[str, Entry]:
    """Return the edited files. Raises `SettingsError` if one is missing."""
    if not isinstance(tree[main], File):
        raise SettingsError(f"setup: {main} is missing; is this the root of a Raspberry Pi OS?")
    config = config_of(tree, main, recipe.board)
    texts = {path: text for path, text in _texts(tree).items() if path in {main, *config.included}}
    after = config_txt.edited(texts, main, recipe.config, recipe.board)
    for path in _existing_command_lines(tree, config, main, recipe):
        after[path] = cmdline.changed(_texts(tree)[path], recipe.cmdline)
    return {path: _file(text, tree[path]) for path, text in after.items()}


def doubts(tree: Tree, main: str, recipe: Recipe) -> list[str]:
    """Return a message for each line that the set-up cannot override, and the board may read."""
    lines = config_txt.doubts(config_of(tree, main, recipe.board), recipe.config)
    return [
        f"{line.file}, line {line.number + 1}: '{line.content}' conflicts with this set-up if this"
        " board reads it, which its filter or its form leaves open; the line stays"
        for line in dict.fromkeys(lines)
    ]


def _existing_command_lines(tree: Tree, config: Config, main: str, recipe: Recipe) -> Iterable[str]:
    if not recipe.cmdline:
        return ()
    paths = command_lines(config, main)
    existing = [path for path in paths if isinstance(tree.get(path), File)]
    if not existing:
        raise SettingsError(
            f"setup: {' or '.join(paths)} is missing; is this the root of a Raspberry Pi OS?"
        )
    return existing


def _texts(tree: Tree) -> dict[str, str]:
    # Latin-1 preserves every byte, whatever the encoding of the user's comments.
    return {
        path: entry.data.decode("latin-1")
        for path, entry in tree.items()
        if isinstance(entry, File)
    }


def _file(text: str, entry: Entry) -> File:
    mode = entry.mode if isinstance(entry, File) else 0o644
    return File(text.encode("latin-1"), mode)
