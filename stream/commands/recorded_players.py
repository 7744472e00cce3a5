"""The ensembles that play in a recording: shipped ones, and one file that the user gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from stream.ensembles.ensemble import load, names
from stream.ensembles.library import Ensembles
from stream.errors import SettingsError
from stream.music.note import Phrase, PhraseRequest
from stream.util.validate import shown


class Players:
    """Finds the ensembles of a recording by name and by digest; `file` is the one that is given.

    A recording may come from anywhere, so no other file that it names is opened. Raises
    `SettingsError`.
    """

    def __init__(self, file: str | None) -> None:
        self.ensembles = Ensembles()
        self._file = file or ""
        self._digest = load(file).digest if file else ""
        self._seen: dict[tuple[str, str], None] = {}

    def request(self, request: PhraseRequest, digest: str) -> PhraseRequest:
        """Return the request with an ensemble that may be opened; `digest` is the recorded one."""
        name = self._opened(request.controls.ensemble, digest)
        controls = dataclasses.replace(request.controls, ensemble=name)
        return dataclasses.replace(request, controls=controls)

    def source(self, source: Phrase, digest: str) -> Phrase:
        """Return a composed phrase with an ensemble that may be opened."""
        if source.ensemble and digest:
            self._seen[source.ensemble, digest] = None
        return dataclasses.replace(source, ensemble=self._opened(source.ensemble, digest))

    def changed(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, recorded digest and digest of each ensemble whose file is another one."""
        for name, digest in self._seen:
            found = load(self._opened(name, digest)).digest
            if found != digest:
                yield name, digest, found

    def _opened(self, name: str, digest: str) -> str:
        """Return the name or file to open for an ensemble that a recording names."""
        if self._file and (digest == self._digest or name not in ("", *names())):
            return self._file
        if name in ("", *names()):
            return name
        raise SettingsError(
            f"ensemble {shown(name)}: not a shipped ensemble ({', '.join(names())}), and only"
            " those are opened by the name in a file; give the ensemble by --ensemble FILE"
        )
