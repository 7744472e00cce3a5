"""The version of the program."""

from __future__ import annotations


def program_version() -> str:
    """Return the installed version, or `unknown` if the program runs without installation."""
    # Imported here, because the import is slow.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("perpetuum")
    except PackageNotFoundError:
        return "unknown"
