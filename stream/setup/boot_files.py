"""The firmware's files: which are read by a board, and how they change."""

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
"""More than any card has; a card that has more has them to tire us out."""


def config_of(tree: Tree, main: str, board: Board) -> Config:
    """What a board reads in `config.txt`, as far as the files of the tree tell."""
    return config_reader.read(_texts(tree), main, board)


def named(tree: Tree, main: str, board: Board) -> set[str]:
    """Files that `config.txt` names, be they there or not. Raises `SettingsError` for too many."""
    config = config_of(tree, main, board)
    found = {*config.included, *command_lines(config, main)}
    if len(found) > MOST_FILES:
        raise SettingsError(f"setup: {main} names more than {MOST_FILES} files; name fewer")
    return found


def command_lines(config: Config, main: str) -> list[str]:
    """The files of which one is the kernel's command line.

    The prefix of an operating system counts only if the firmware finds its kernel there, so both
    files are named then.
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
    """The files that change, as they shall be. Raises `SettingsError` if one is missing."""
    if not isinstance(tree[main], File):
        raise SettingsError(f"setup: {main} is not there; is this the root of a Raspberry Pi OS?")
    config = config_of(tree, main, recipe.board)
    texts = {path: text for path, text in _texts(tree).items() if path in {main, *config.included}}
    after = config_txt.edited(texts, main, recipe.config, recipe.board)
    for path in _command_lines_there(tree, config, main, recipe):
        after[path] = cmdline.changed(_texts(tree)[path], recipe.cmdline)
    return {path: _file(text, tree[path]) for path, text in after.items()}


def doubts(tree: Tree, main: str, recipe: Recipe) -> list[str]:
    """What the board may read that the set-up can not outdo, a line each."""
    lines = config_txt.doubts(config_of(tree, main, recipe.board), recipe.config)
    return [
        f"{line.file}, line {line.number + 1}: '{line.content}' works against this set-up, should"
        " this board read it: a filter above it, or how it is written, leaves that open; it stays"
        for line in dict.fromkeys(lines)
    ]


def _command_lines_there(tree: Tree, config: Config, main: str, recipe: Recipe) -> Iterable[str]:
    if not recipe.cmdline:
        return ()
    paths = command_lines(config, main)
    there = [path for path in paths if isinstance(tree.get(path), File)]
    if not there:
        raise SettingsError(
            f"setup: {' or '.join(paths)} is not there; is this the root of a Raspberry Pi OS?"
        )
    return there


def _texts(tree: Tree) -> dict[str, str]:
    # Latin-1 gives every byte back, whatever the encoding of the user's comments is.
    return {
        path: entry.data.decode("latin-1")
        for path, entry in tree.items()
        if isinstance(entry, File)
    }


def _file(text: str, entry: Entry) -> File:
    mode = entry.mode if isinstance(entry, File) else 0o644
    return File(text.encode("latin-1"), mode)
