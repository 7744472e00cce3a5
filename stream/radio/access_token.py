"""The token in the radio's address, for speakers that cannot pair.

It lies in a file that only this account may read, so that an address that was once typed into a
speaker stays valid.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from stream.util.private_folder import PrivateFolder, state_folder

NAME = "token"
RANDOM_BYTES = 24
FORM = re.compile(rb"[\w-]{32}\n?")
MOST_BYTES = 64


def token_folder() -> Path:
    """Return the folder of the token. Raises `OSError` if the account has no home folder."""
    try:
        return state_folder(os.environ) / "radio"
    except RuntimeError as error:
        raise OSError("there is no home folder") from error


def new_token() -> str:
    """Return 32 random letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def kept_token(folder: Path) -> str:
    """Return the token in a folder, both made first if they do not exist. Raises `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = PrivateFolder.made(folder)
    try:
        return _read(place) or _write(place, new_token())
    finally:
        place.close()


def read_token(folder: Path) -> str:
    """Return the token that this account wrote into a folder, or an empty text."""
    try:
        place = PrivateFolder(folder)
    except OSError:
        return ""
    try:
        return _read(place)
    except OSError:
        return ""
    finally:
        place.close()


def is_token(given: str, token: str) -> bool:
    """Return whether a given text is the token, in a time that tells nothing about it."""
    return bool(token) and hmac.compare_digest(given.encode(errors="replace"), token.encode())


def _read(place: PrivateFolder) -> str:
    """Return the token; empty if the file is missing or damaged. Raises `OSError`."""
    try:
        file = place.open(NAME, MOST_BYTES)
    except FileNotFoundError:
        return ""
    try:
        content = os.read(file, MOST_BYTES)
    finally:
        os.close(file)
    return content.decode().strip() if FORM.fullmatch(content) else ""


def _write(place: PrivateFolder, token: str) -> str:
    """Write a token in place of a damaged one, and return it. Raises `OSError`."""
    place.remove(NAME)
    file = place.create(NAME)
    try:
        os.write(file, f"{token}\n".encode())
        os.fdatasync(file)
    finally:
        os.close(file)
    return token
