"""Names of ensembles for clients of the network: they see no folders, and name no other files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from stream.ensembles import ensemble
from stream.errors import SettingsError
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import shown


def public_name(name: str) -> str:
    """Return the name that clients see: without folders if it is the path of a file."""
    return PurePath(name).name


def described(files: Iterable[str]) -> list[dict[str, Any]]:
    """Return name, title and parts of each shipped ensemble, and of the `files` of the owner.

    Raises `SettingsError` for an invalid file.
    """
    known = dict.fromkeys((*ensemble.names(), *filter(None, files)))
    return [
        {"name": each.name, "title": each.title, "parts": list(each.parts)}
        for each in map(ensemble.load, known)
    ]


class RemoteEnsembles:
    """The ensembles that clients may request: the shipped ones, and the file of the owner."""

    def __init__(self) -> None:
        self._known = {name: name for name in ensemble.names()}
        """Names as the player writes them, by the names that clients see."""

    def update(self, hello: Mapping[str, Any]) -> None:
        """Take the ensembles from the player's event `hello`."""
        members = hello.get("ensembles")
        names = (
            each.get("name")
            for each in (members if isinstance(members, list) else ())
            if isinstance(each, dict)
        )
        files = {public_name(name): name for name in names if isinstance(name, str)}
        self._known = files | {name: name for name in ensemble.names()}

    def requested(self, value: Any) -> str:
        """Return the requested ensemble as the player writes it; empty: the style's own.

        Raises `SettingsError` for an ensemble that is not available to clients.
        """
        if not isinstance(value, str):
            raise SettingsError(f"ensemble: {shown(value)} is not a text")
        name = meant(value, self._known) if value else ""
        if name and name not in self._known:
            raise SettingsError(
                f"ensemble {shown(value)}: not available; give one of {', '.join(self._known)}"
                + did_you_mean(value, self._known)
            )
        return self._known.get(name, "")
