"""Settings as TOML. The standard library only reads it."""

from __future__ import annotations

import json

from stream.util.printable import code

Value = str | bool | int | float | tuple[str, ...]


def assignment(key: str, value: Value) -> str:
    """A line that gives `key`, a bare one, a finite value."""
    return f"{key} = {value_text(value)}"


def value_text(value: Value) -> str:
    """A value as it is written."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    return repr(value)


def _character(character: str) -> str:
    """As it stands in a text: escaped where it is no picture, which a terminal may obey."""
    if character in {'"', "\\"} or character < " ":
        return json.dumps(character)[1:-1]  # JSON's escapes are TOML's
    return character if character.isprintable() else code(character)
