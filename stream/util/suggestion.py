"""What somebody who mistyped a word may have meant."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 80
"""Characters of a word for which it is worth a thought."""


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that differs in nothing but the case of its letters; else the word itself."""
    names = tuple(known)
    if word in names:
        return word
    alike = [name for name in names if name.casefold() == word.strip().casefold()]
    return alike[0] if len(alike) == 1 else word


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word, `; did you mean 'folk'?`; empty for no idea."""
    import difflib  # heavy, and for who mistypes alone

    names = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word[:LONGEST].strip().casefold(), names, n=1)
    return f"; did you mean '{names[close[0]]}'?" if close else ""
