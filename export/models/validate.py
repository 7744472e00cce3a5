"""Checks of the models' sizes and rates; the messages name the flag of the trainer."""

from __future__ import annotations

from collections.abc import Iterable

from stream.errors import SettingsError


def sizes(config: object, *names: str) -> None:
    """Raise `SettingsError` for a field that is not 1 or more."""
    for name in names:
        value = getattr(config, name)
        if value < 1:
            raise SettingsError(f"{_flag(name)} {value}: must be 1 or more")


def rates(config: object, *names: str) -> None:
    """Raise `SettingsError` for a field that is not a dropout rate."""
    for name in names:
        value = getattr(config, name)
        if not 0 <= value < 1:
            raise SettingsError(f"{_flag(name)} {value}: must be at least 0, below 1")


def choice(config: object, name: str, known: Iterable[str]) -> None:
    """Raise `SettingsError` for a field that is not among the known names."""
    value, names = getattr(config, name), tuple(known)
    if value not in names:
        raise SettingsError(f"{_flag(name)} {value}: must be one of {', '.join(names)}")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
