"""Addresses of the radio, and the playlists that hold them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from stream.config.output_parts import split_parts
from stream.errors import SettingsError
from stream.util.address import Address, address_of

KIND = "radio:"
"""Beginning of the radio's name as an output."""
USUAL = "127.0.0.1:8766"
"""Default address."""
MP3, M3U, PLS = "/radio.mp3", "/radio.m3u", "/radio.pls"
PATHS = (MP3, M3U, PLS)
TOKEN = "token"  # noqa: S105 (the name of the parameter)
TITLE = "Perpetuum"


def radio_address(text: str, origin: str) -> Address:
    """Parse the address in a setting; empty: the default. Raises `SettingsError`."""
    return address_of(text or USUAL, origin)


def radio_among(outputs: Iterable[str]) -> Address | None:
    """Return the address of the radio among the names of outputs; None if it is off."""
    for output in outputs:
        if output.startswith(KIND):
            with contextlib.suppress(SettingsError):
                return address_of(split_parts(output)[0].removeprefix(KIND), KIND)
    return None


def stream_url(origin: str, token: str = "", path: str = MP3) -> str:
    """Return the URL of the stream at an origin such as `http://192.168.1.20:8766`."""
    return f"{origin}{path}?{TOKEN}={token}" if token else f"{origin}{path}"


def m3u(url: str) -> str:
    """Return a playlist in the format M3U."""
    return f"#EXTM3U\n#EXTINF:-1,{TITLE}\n{url}\n"


def pls(url: str) -> str:
    """Return a playlist in the format PLS."""
    return f"[playlist]\nNumberOfEntries=1\nFile1={url}\nTitle1={TITLE}\nLength1=-1\nVersion=2\n"
