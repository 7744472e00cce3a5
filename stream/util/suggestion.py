"""Suggestions for mistyped words."""

from __future__ import annotations

from collections.abc import Iterable

from stream.errors import SettingsError

LONGEST = 80
"""Characters of a word that are compared."""


def meant(word: str, known: Iterable[str]) -> str:
    """Return the one known word that differs only in the case of letters, else the word itself."""
    names = tuple(known)
    if word in names:
        return word
    alike = [name for name in names if name.casefold() == word.strip().casefold()]
    return alike[0] if len(alike) == 1 else word


def check_keys(keys: Iterable[str], known: Iterable[str], place: str = "") -> None:
    """Raise `SettingsError` for the first unknown key; `place`, if any, opens the message."""
    names = tuple(known)
    for key in keys:
        if key not in names:
            raise SettingsError(
                f"{place}{': ' if place else ''}{key[:LONGEST]!r}: unknown key;"
                f" known are {', '.join(names)}{did_you_mean(key, names)}"
            )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown word, `; did you mean 'folk'?`, or ""."""
    import difflib  # imported here, because it is large and only needed after a mistake

    names = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word[:LONGEST].strip().casefold(), names, n=1)
    return f"; did you mean '{names[close[0]]}'?" if close else ""
