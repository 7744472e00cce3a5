"""The ensembles that a performance has used, each read once."""

from __future__ import annotations

from stream.ensembles.ensemble import Ensemble, load
from stream.errors import SettingsError

MOST = 64
"""Largest number of ensembles that are stored."""


class Ensembles:
    """Reads ensembles by name; each keeps what it was when it was read first."""

    def __init__(self) -> None:
        self._found: dict[str, Ensemble | None] = {}

    def named(self, name: str) -> Ensemble | None:
        """Return an ensemble by name or file; None for an empty name, or a file that is gone.

        Settings and controls are checked before: a file that is gone now must not end the music.
        """
        if not name:
            return None
        if name not in self._found:
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[name] = _loaded(name)
        return self._found[name]


def _loaded(name: str) -> Ensemble | None:
    try:
        return load(name)
    except SettingsError:
        return None
