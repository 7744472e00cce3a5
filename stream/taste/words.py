"""The sentence that explains a taste.

An example is `Fewer leaps, because you gave 2 stars to jig in D major.`
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WORDS: Final = {
    "leaps": ("more leaps", "fewer leaps", "a few leaps"),
    "density": ("more notes", "fewer notes", "a moderate number of notes"),
    "range": ("wider melodies", "narrower melodies", "melodies of moderate range"),
    "register": ("higher melodies", "lower melodies", "melodies of middle height"),
    "chromatic": ("more chromatic notes", "fewer chromatic notes", "a few chromatic notes"),
    "syncopation": ("more syncopation", "less syncopation", "a little syncopation"),
    "rhythm": ("more varied rhythms", "plainer rhythms", "moderately varied rhythms"),
    "repetition": ("more repetition", "less repetition", "a little repetition"),
    "tempo": ("faster tunes", "slower tunes", "moderate tempos"),
    "minor": ("more tunes in minor", "more tunes in major", ""),
    "threes": ("more meters in three", "fewer meters in three", ""),
}
"""Words for more, less and a middle value of each feature."""
STYLE: Final = "style"


def phrase(feature: str, direction: int) -> str:
    """Return the words for a feature: more of it (1), less (-1) or a middle value (0)."""
    kind, _, style = feature.partition(":")
    if kind == STYLE:
        return f"{'more' if direction > 0 else 'less'} of the style {style}"
    more, less, middle = WORDS[kind]
    return (middle, more, less)[direction]


def explained(phrases: Sequence[str], stars: int, title: str) -> str:
    """Return the sentence for these words, which a tune with so many stars shows best."""
    text = " and ".join(phrases)
    number = "1 star" if stars == 1 else f"{stars} stars"
    return f"{text[:1].upper()}{text[1:]}, because you gave {number} to {title}."


def too_few(count: int, needed: int) -> str:
    """Return the sentence for a listener who has rated too few tunes."""
    tunes = "tune" if count == 1 else "tunes"
    return f"Stars move what is played once {needed} tunes have them; {count} {tunes} so far."


def undecided(count: int) -> str:
    """Return the sentence for ratings that follow no feature."""
    return f"Nothing moves yet: the stars of {count} tunes follow none of the known features."
