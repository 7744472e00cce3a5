"""A pairing code of one's own choice, from a file or from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stream.errors import SettingsError
from stream.util import regular_file

VARIABLE = "PERPETUUM_PAIRING_CODE"
SHORTEST, LONGEST = 8, 64
"""Fewest and most letters and digits of a code."""
MOST_BYTES = 1024


def plain_code(code: str) -> str:
    """Return the letters and digits of a code, which alone count, as capitals."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def own_code(path: str, environment: Mapping[str, str]) -> str:
    """Return the code in the file at `path`, or in the environment; empty without one.

    Raises `SettingsError` for a file that cannot be read, and for a code that is too short or too
    long. The message does not contain the code.
    """
    if path:
        return _checked(_content(path), f"pairing_code {path}")
    if code := environment.get(VARIABLE):
        return _checked(code, VARIABLE)
    return ""


def _content(path: str) -> str:
    try:
        content = regular_file.read(Path(path).expanduser(), MOST_BYTES, "file with a code")
        return content.decode().strip()
    except UnicodeDecodeError as error:
        raise SettingsError(f"pairing_code {path}: is not UTF-8 text") from error
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"pairing_code {path}: cannot be read: {reason}") from error


def _checked(code: str, origin: str) -> str:
    letters = len(plain_code(code))
    if not SHORTEST <= letters <= LONGEST or not code.isprintable():
        raise SettingsError(
            f"{origin}: has {letters} letters and digits; write one line with {SHORTEST} to"
            f" {LONGEST} of them"
        )
    return code
