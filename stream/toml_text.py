"""Settings as TOML. The standard library only reads it."""

from __future__ import annotations

import json

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
        # JSON's escapes are TOML's, which forbids one more character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
