"""Which version of the program this is."""

from __future__ import annotations


def program_version() -> str:
    """As it was installed; `unknown` where it runs without having been."""
    # Here, because it takes long to import.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("perpetuum")
    except PackageNotFoundError:
        return "unknown"
