"""The favourites: a JSON file beside the kept tunes, with the latent points to return to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from stream.errors import SettingsError
from stream.kept import json_file
from stream.kept.facts import KeptFacts
from stream.music.favourite import Favourite, main_style
from stream.music.phrase_schema import PHRASE
from stream.util.validate import fields, line

FILE: Final = "favourites.json"
MOST: Final = 16
"""Largest number of favourites."""
CHECKS: Final = {"title": line, "style": line, "latent": PHRASE["latent"]}


class Favourites:
    """The favourites in the folder of the kept tunes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def names(self) -> set[str]:
        """Return the names of the files of the tunes that are favourites."""
        return set(self._valid())

    def all(self) -> tuple[Favourite, ...]:
        """Return the favourites, the oldest first; what is damaged is left out."""
        return tuple(self._valid().values())

    def put(self, name: str, facts: KeptFacts) -> None:
        """Make a kept tune a favourite. Raises `SettingsError`, or `OSError` of the disk."""
        found = self._valid()
        if not facts.latent:
            raise SettingsError(f"like {name}: its voice has no latent space, so nothing is near")
        if name not in found and len(found) >= MOST:
            raise SettingsError(f"like {name}: {MOST} tunes are favourites; remove one first")
        found[name] = Favourite(facts.title, main_style(facts.style), facts.latent)
        self._write(found)

    def remove(self, name: str) -> None:
        """Make a tune no favourite any more. Raises `OSError`."""
        found = self._valid()
        if found.pop(name, None):
            self._write(found)

    def _valid(self) -> dict[str, Favourite]:
        found = {}
        for name, document in list(json_file.read(self._path).items())[:MOST]:
            try:
                found[name] = Favourite(**fields(document, CHECKS))
            except (ValueError, TypeError):
                continue
        return found

    def _write(self, found: dict[str, Favourite]) -> None:
        documents: dict[str, Any] = {
            name: {"title": each.title, "style": each.style, "latent": each.latent}
            for name, each in found.items()
        }
        json_file.write(self._path, documents)
