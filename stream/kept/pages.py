"""The kept tunes over HTTP and in answers to browsers: lists, downloads and deletion.

A MIDI file is sent as it is. Other forms are written by a process of `perpetuum kept print`, one at
a time, so that the panel serves others meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import hdrs, web

from stream.errors import RecordingError, SettingsError
from stream.kept.favourites import Favourites
from stream.kept.library import Library

MOST_SHOWN: Final = 200
"""Most kept tunes in a list; the latest ones are shown."""
WRITE_SECONDS: Final = 60.0
TYPES: Final = {
    ".mid": "audio/midi",
    ".abc": "text/vnd.abc",
    ".musicxml": "application/vnd.recordare.musicxml+xml",
}
"""Media type of each form of a download, by suffix."""
MOST_BYTES: Final = 2**25
LOCAL: Final = frozenset({"kept", "delete"})
"""Requests that the panel answers without the player."""


class KeptPages:
    """Answers about the kept tunes in the folder that `folder` returns; empty: nothing is kept."""

    def __init__(self, folder: Callable[[], str]) -> None:
        self._folder = folder
        self._library: Library | None = None
        self._writing = asyncio.Lock()

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a checked request of `LOCAL`. Raises `StreamError`."""
        if "delete" in request:
            await asyncio.to_thread(self._known().delete, request["delete"])
            return {"deleted": request["delete"]}
        return {"tunes": await asyncio.to_thread(self._tunes)}

    async def listed(self, _: web.Request) -> web.Response:
        """Answer with the list of kept tunes as JSON."""
        headers = {hdrs.CACHE_CONTROL: "no-store"}
        try:
            tunes = await asyncio.to_thread(self._tunes)
        except SettingsError:
            tunes = []
        return web.json_response({"tunes": tunes}, headers=headers)

    async def download(self, request: web.Request) -> web.Response:
        """Answer with a kept tune in the form that the suffix of its name says."""
        wanted = Path(request.match_info["name"])
        try:
            path = self._known().path_of(wanted.with_suffix(".mid").name)
            body = await self._body(path, wanted.suffix)
        except (RecordingError, SettingsError, KeyError, ValueError, TimeoutError, OSError):
            return web.Response(status=404, text="This tune is not kept, or not in this form.\n")
        headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "attachment"}
        return web.Response(body=body, content_type=TYPES[wanted.suffix], headers=headers)

    async def _body(self, path: Path, suffix: str) -> bytes:
        if suffix == ".mid":
            return await asyncio.to_thread(path.read_bytes)
        if suffix not in TYPES:
            raise KeyError(suffix)
        arguments = ("kept", "print", path.name, "--as", suffix[1:], "--kept", str(path.parent))
        async with self._writing:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "stream",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                body, _ = await asyncio.wait_for(process.communicate(), WRITE_SECONDS)
            finally:
                if process.returncode is None:
                    process.kill()
        if process.returncode or len(body) > MOST_BYTES:
            raise ValueError("not written")
        return body

    def _tunes(self) -> list[dict[str, Any]]:
        library = self._known()
        liked = Favourites(library.folder).names()
        return [
            tune.document() | {"favourite": tune.name in liked}
            for tune in library.tunes()[:MOST_SHOWN]
        ]

    def _known(self) -> Library:
        """Return the library of the folder. Raises `SettingsError` if nothing is kept."""
        folder = self._folder()
        if not folder:
            raise SettingsError("kept: nothing is recorded; restart with --record 4, for example")
        if self._library is None or str(self._library.folder) != folder:
            self._library = Library(Path(folder))
        return self._library
