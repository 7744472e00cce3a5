"""The file with user name and password for the broker, which no other account may read."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import NamedTuple

from stream.errors import SettingsError
from stream.util import regular_file

MOST_BYTES = 4096
OTHERS = stat.S_IRWXO | stat.S_IWGRP
"""Permissions that the file may not give. A group may read it: systemd gives credentials so."""


class Credentials(NamedTuple):
    """User name and password; None without one."""

    user: str | None = None
    password: str | None = None


def read_credentials(path: str) -> Credentials:
    """Return the credentials in the file at `path`; those without any if the path is empty.

    Raises `SettingsError` for a file that cannot be read, that other accounts may read, or that
    does not hold one or two lines.
    """
    if not path:
        return Credentials()
    origin = f"mqtt_credentials {path}"
    try:
        content = regular_file.read(Path(path).expanduser(), MOST_BYTES, "file of credentials")
        mode = Path(path).expanduser().stat().st_mode
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{origin}: cannot be read: {reason}") from error
    if mode & OTHERS:
        raise SettingsError(
            f"{origin}: other accounts may read or write it ({stat.filemode(mode)});"
            f" run: chmod 600 {path}"
        )
    return _parsed(content, origin)


def _parsed(content: bytes, origin: str) -> Credentials:
    try:
        lines = content.decode().rstrip("\r\n").splitlines()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{origin}: is not UTF-8 text") from error
    if not 1 <= len(lines) <= 2 or not lines[0]:
        raise SettingsError(
            f"{origin}: has {len(lines)} lines; write the user name in the first line, and the"
            " password in the second"
        )
    return Credentials(lines[0], lines[1] if len(lines) == 2 else None)
