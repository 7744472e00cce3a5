"""Text from elsewhere, made fit to be seen: what a terminal would obey stands there escaped."""

from __future__ import annotations


def visible(text: str, encoding: str = "utf-8") -> str:
    """One line of `text` with an escape for each character that would not be seen as itself.

    Those are control characters, line breaks among them, characters without a picture, bytes that
    are no text, and those that `encoding` lacks. What is visible already is left as it is.
    """
    if text.isprintable() and _encodes(text, encoding):
        return text
    return "".join(_seen(character, encoding) for character in text)


def _seen(character: str, encoding: str) -> str:
    if not character.isprintable():
        return repr(character)[1:-1]
    return character if _encodes(character, encoding) else code(character)


def code(character: str) -> str:
    """The escape for a character as Python, TOML and, up to U+FFFF, JSON have it."""
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
