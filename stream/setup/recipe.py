"""Recipes for a board and the choices for it, read from `firmware_configs/`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stream.errors import SettingsError
from stream.setup.cmdline import CmdlineChange
from stream.setup.config_request import ConfigChange
from stream.setup.entry import Entry, File, Link
from stream.setup.filters import Board
from stream.util.data_files import shared_files
from stream.util.suggestion import did_you_mean, meant

UNITS = "/etc/systemd/system"
SETTINGS = "/etc/perpetuum/perpetuum.toml"
NOTHING = "none"
AUTO = "auto"
"""Name for the board that runs the program."""
LOCAL = "/usr/local/"
"""Folder of programs that are not part of the operating system."""


@dataclass(frozen=True, slots=True)
class Placement:
    """An entry to be written to a path."""

    path: str
    entry: Entry
    why: str
    source: str
    keep: bool = False
    """True if an entry of the user stays."""
    stock: Entry = None
    """Entry that an installation has written, and that is replaced."""
    starts: tuple[str, ...] = ()
    """Installed programs that the system starts at boot for this entry."""

    def keeps(self, entry: Entry) -> bool:
        return self.keep and entry not in (None, self.stock)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All changes, in any order."""

    board: Board
    config: tuple[ConfigChange, ...] = ()
    cmdline: tuple[CmdlineChange, ...] = ()
    placements: tuple[Placement, ...] = ()

    def missing(self, is_program: Callable[[str], bool]) -> dict[str, str]:
        """Return the paths that would start a missing program, and the program of each."""
        placed = {placement.path for placement in self.placements}
        return {
            placement.path: program
            for placement in self.placements
            for program in placement.starts
            if program not in placed and not is_program(program)
        }

    def without(self, paths: Container[str]) -> Recipe:
        """Return the recipe without some paths."""
        placements = tuple(each for each in self.placements if each.path not in paths)
        return replace(self, placements=placements)


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of the user."""

    board: str
    midi: str = NOTHING
    audio: str = NOTHING
    fast_boot: bool = False


def boards() -> dict[str, dict[str, Any]]:
    """Return the description of every board by its name."""
    folder = shared_files("firmware_configs") / "boards"
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


def board_of(model: str) -> str:
    """Return the name of the board whose model is `model`.

    Raises `SettingsError` for an unknown one.
    """
    known = boards()
    for name, board in known.items():
        if any(model.startswith(each) for each in board["models"]):
            return name
    raise SettingsError(
        f"setup auto: '{model}' is not a known board; name one of {', '.join(known)}"
    )


def recipe_of(choices: Choices) -> Recipe:
    """Return the recipe for the choices.

    Raises `SettingsError` for one that the board does not support.
    """
    known = boards()
    name = meant(choices.board, known)
    if name not in known:
        raise SettingsError(
            f"setup {name}: unknown board; use auto or {', '.join(known)}"
            f"{did_you_mean(name, (AUTO, *known))}"
        )
    board = known[name]
    names = ["base", *_chosen("midi", choices, board), *_chosen("audio", choices, board)]
    if len(names) == 1:
        raise SettingsError("setup: no output is chosen; give --midi, --audio or both")
    features = [_feature(each) for each in (*names, *["fast-boot"] * choices.fast_boot)]
    return Recipe(
        board=Board(tuple(board["filters"]), tuple(board.get("maybe", ()))),
        config=tuple(_config(each) for each in _tables(features, "config")),
        cmdline=tuple(_cmdline(each) for each in _tables(features, "cmdline")),
        placements=(*_placements(features), _settings(features)),
    )


def known_paths() -> frozenset[str]:
    """Return every path that some recipe writes an entry to."""
    folder = shared_files("firmware_configs") / "features"
    features = [_read(path) for path in sorted(folder.glob("*.toml"))]
    return frozenset({SETTINGS, *(placement.path for placement in _placements(features))})


def _chosen(kind: str, choices: Choices, board: dict[str, Any]) -> list[str]:
    possible = [NOTHING, *board[kind]]
    choice = meant(getattr(choices, kind), (*possible, *board["refused"]))
    if choice == NOTHING:
        return []
    if choice in board["refused"]:
        raise SettingsError(f"--{kind} {choice}: {board['refused'][choice]}")
    if choice not in board[kind]:
        raise SettingsError(
            f"--{kind} {choice}: unknown for {board['title']}; use {', '.join(possible)}"
            f"{did_you_mean(choice, possible)}"
        )
    return list(board[kind][choice])


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _feature(name: str) -> dict[str, Any]:
    return _read(shared_files("firmware_configs") / "features" / f"{name}.toml")


def _tables(features: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [table for feature in features for table in feature.get(kind, [])]


def _config(table: dict[str, Any]) -> ConfigChange:
    conflicts = tuple(table.get("conflicts", ()))
    return ConfigChange(tuple(table["lines"]), conflicts, table["why"], table["source"])


def _cmdline(table: dict[str, Any]) -> CmdlineChange:
    remove, add = tuple(table.get("remove", ())), tuple(table.get("add", ()))
    unlist = tuple(table.get("unlist", ()))
    return CmdlineChange(remove, add, table["why"], table["source"], unlist)


def _placements(features: Sequence[dict[str, Any]]) -> Iterator[Placement]:
    for table in _tables(features, "file"):
        yield Placement(table["path"], _file(table), table["why"], table["source"])
    for table in _tables(features, "unit"):
        for path, entry, starts in _units(table):
            yield Placement(path, entry, table["why"], table["source"], starts=starts)


def _file(table: dict[str, Any]) -> File:
    mode = int(table.get("mode", "644"), 8)
    if "copy" in table:
        folder, _, name = table["copy"].partition("/")
        return File((shared_files(folder) / name).read_bytes(), mode)
    return File(table["content"].lstrip("\n").encode(), mode)


def _units(table: dict[str, Any]) -> Iterator[tuple[str, Entry, tuple[str, ...]]]:
    """Yield path and entry of each unit, and the programs that it starts.

    Units are files; links enable and mask them, as `systemctl` does.
    """
    folder = shared_files("systemd")
    for pattern in table.get("install", ()):
        for unit in sorted(folder.glob(pattern)):
            yield f"{UNITS}/{unit.name}", File(unit.read_bytes()), ()
    for name in table.get("enable", ()):
        text = (folder / name).read_text(encoding="utf-8")
        starts = tuple(re.findall(rf"(?m)^ExecStart=.*?({LOCAL}\S+)", text))
        for relation, targets in re.findall(r"(?m)^(WantedBy|RequiredBy)=(.*)$", text):
            kind = {"WantedBy": "wants", "RequiredBy": "requires"}[relation]
            for target in targets.split():
                yield f"{UNITS}/{target}.{kind}/{name}", Link(f"{UNITS}/{name}"), starts
    for name in table.get("mask", ()):
        yield f"{UNITS}/{name}", Link("/dev/null"), ()


def _settings(features: Sequence[dict[str, Any]]) -> Placement:
    outputs = [output for feature in features for output in feature.get("out", [])]
    text = (
        "# Written by 'perpetuum setup'. Every flag of 'perpetuum play' is a key here.\n"
        f"out = {json.dumps(outputs)}\n"
        "# Wait for an output that is not available yet.\n"
        'absent = "await"\n'
    )
    stock = shared_files("systemd") / "perpetuum.toml"
    return Placement(
        SETTINGS,
        File(text.encode()),
        "The outputs of the service.",
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html",
        keep=True,
        stock=File(stock.read_bytes()) if stock.exists() else None,
    )
