"""Escape characters in text from outside that a terminal would interpret or could not show."""

from __future__ import annotations


def visible(text: str, encoding: str = "utf-8") -> str:
    """Return `text` as one line, with an escape for each character that cannot be shown.

    Escaped are control characters and line breaks, characters without a glyph, bytes that are not
    text, and characters that `encoding` lacks. Visible text stays as it is.
    """
    if text.isprintable() and _encodes(text, encoding):
        return text
    return "".join(_escaped(character, encoding) for character in text)


def _escaped(character: str, encoding: str) -> str:
    if not character.isprintable():
        return repr(character)[1:-1]
    return character if _encodes(character, encoding) else code(character)


def code(character: str) -> str:
    """Return the escape for a character in Python, TOML and, up to U+FFFF, JSON."""
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
