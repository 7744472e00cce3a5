"""Command lines of the benchmarks: names of scripts, arguments, errors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from export import command_line
from stream.errors import SettingsError, StreamError

System = TypeVar("System")


def module(name: str) -> str:
    """Return the dotted name of the script `name`, a package or a module in a folder."""
    here = Path(__file__).parent
    folders = [path.parent.name for path in here.glob(f"*/{name}.py")]
    return ".".join(["benchmarks", *folders, name])


def command(name: str, arguments: Sequence[str] | None = None) -> str:
    """Return the command line of the script `name`; absolute paths are shown below `corpora`."""
    given = sys.argv[1:] if arguments is None else arguments
    return command_line.command(module(name), given)


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return an argument parser for the script `name`."""
    return argparse.ArgumentParser(prog=f"python -m {module(name)}", description=description)


def corpus_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return an argument parser for a script that reads corpora by style."""
    made = parser(name, description)
    made.add_argument(
        "--corpus", action="append", required=True, metavar="STYLE=PATH",
        help="archive of melodies of a style; may be repeated",
    )  # fmt: skip
    return made


def add_counts(made: argparse.ArgumentParser, counts: Sequence[tuple[str, int, str]]) -> None:
    """Add flags that take whole numbers: name, default and help of each."""
    for flag, default, about in counts:
        made.add_argument(f"--{flag}", type=int, default=default, help=about)


def require_positive(args: argparse.Namespace, *flags: str) -> None:
    """Raise `SettingsError` if one of the flags is below 1."""
    for flag in flags:
        value = getattr(args, flag.replace("-", "_"))
        if value < 1:
            raise SettingsError(f"--{flag} {value}: must be 1 or more")


def chosen(text: str, systems: Mapping[str, System]) -> list[System]:
    """Return the systems named in a list with commas, in the order of `systems`.

    Raises `SettingsError` for an unknown name.
    """
    names = [word for word in text.split(",") if word]
    for name in names:
        if name not in systems:
            raise SettingsError(f"--systems {name}: must be among {', '.join(systems)}")
    return [system for name, system in systems.items() if name in names]


def changed(args: argparse.Namespace, usual: argparse.Namespace, names: Sequence[str]) -> list[str]:
    """Return the options of these names that differ from the usual ones, as flags."""
    return [
        f"--{name.replace('_', '-')}={getattr(args, name)}"
        for name in names
        if getattr(args, name) != getattr(usual, name)
    ]


def run(action: Callable[[], None]) -> int:
    """Call `action` and return 0; print a `StreamError` and return 2."""
    try:
        action()
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
