"""TOML files that are loaded by the name of a shipped one, or by the path of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stream.errors import SettingsError
from stream.util import regular_file
from stream.util.suggestion import check_keys, did_you_mean, meant
from stream.util.validate import Check, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

MOST_BYTES: Final = 100_000
"""Limit for the size of a file."""


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of the files in a folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def load(kind: str, folder: Path, name: str, make: Callable[[str, bytes], T]) -> T:
    """Return what `make` makes of a name and the content of its file.

    `name` is that of a file in `folder`, or a path. `kind` is a noun for messages. `make` raises
    `ValueError` for invalid content. Raises `SettingsError` that names the file and the remedy.
    """
    path = Path(name)
    if path.suffix != ".toml" and "/" not in name:
        known = names(folder)
        name = meant(name, known)
        if name not in known:
            raise SettingsError(
                f"{kind} {name[:80]!r}: unknown; known are {', '.join(known)},"
                f" or give the path of a .toml file{did_you_mean(name, known)}"
            )
        path = folder / f"{name}.toml"
    try:
        return make(name, regular_file.read(path, MOST_BYTES, f"valid {kind} file"))
    except OSError as error:
        raise SettingsError(f"{kind} {path}: cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingsError(f"{kind} {path}: not valid TOML: nested too deeply") from error
    except ValueError as error:
        # Malformed TOML, bytes that are not text, or an invalid value.
        raise SettingsError(f"{kind} {path}: {error}") from error


def known_fields(value: object, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the checked values of a table.

    Raises `ValueError`, with a suggestion for an unknown key.
    """
    if isinstance(value, dict):
        check_keys(value, checks)
    return fields(value, checks)
