"""Write settings as TOML, which the standard library only reads."""

from __future__ import annotations

import json

from stream.util.printable import code

Value = str | bool | int | float | tuple["Value", ...] | list["Value"]


def assignment(key: str, value: Value) -> str:
    """Return the line that assigns a finite value to a bare key."""
    return f"{key} = {value_text(value)}"


def value_text(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    return repr(value)


def _character(character: str) -> str:
    """Return a character of a string, escaped if it is not printable."""
    if character in {'"', "\\"} or character < " ":
        return json.dumps(character)[1:-1]  # JSON's escapes are TOML's
    return character if character.isprintable() else code(character)
