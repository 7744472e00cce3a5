"""The taste of a listener as messages and files hold it: weights of features of a tune. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stream.util.validate import Check, fields, items, line, number, pattern, whole

Term = tuple[str, float, float, float]
"""A feature, its slope, its curvature and its center.

The score of a value x is slope · (x - center) + curvature · (x - center)², in stars.
"""
FEATURE: Final = r"[a-z]{1,24}(:[^\x00-\x1f]{1,80})?"
"""Names of features: `leaps`, or `style:folk`."""
MOST_TERMS: Final = 64
LEAST_RATINGS: Final = 10
"""Number of ratings from which on they move what is played."""
NUMBER: Final = number(-1e6, 1e6)
RATINGS: Final = pattern(r"([0-9a-f]{16})?")
"""Check of the hash of ratings."""


def term(value: object) -> Term:
    """Return a term. Raises `ValueError` if it is not one."""
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError("a term of the taste must have 4 members")
    slope, curve, center = (float(NUMBER(each)) for each in value[1:])
    return str(pattern(FEATURE)(value[0])), slope, curve, center


TERMS: Final[Check] = items(term, 0, MOST_TERMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasted:
    """The taste under which a tune is composed; a request for a phrase holds it."""

    taste: tuple[Term, ...] = ()
    """Terms of the taste when the tune was opened, times the control `taste`; mostly empty."""
    ratings: str = ""
    """Hash of the ratings that the taste was learned from; empty without a taste."""


@dataclass(frozen=True, slots=True)
class Taste:
    """The taste that was learned from the ratings of a listener."""

    terms: tuple[Term, ...] = ()
    ratings: str = ""
    """Hash of the ratings: 16 hexadecimal digits."""
    count: int = 0
    """Number of the ratings."""
    sentence: str = ""
    """Sentence that explains the taste to the listener."""

    def fields(self, strength: float) -> dict[str, Any]:
        """Return the fields of `Tasted` at a strength from 0 to 1; empty ones if nothing moves."""
        if not self.terms or strength <= 0:
            return {"taste": (), "ratings": ""}
        scaled = tuple((name, strength * a, strength * b, c) for name, a, b, c in self.terms)
        return {"taste": scaled, "ratings": self.ratings}

    def document(self) -> dict[str, Any]:
        """Return the taste as a JSON object."""
        return dataclasses.asdict(self)


CHECKS: Final[Mapping[str, Check]] = {
    "terms": TERMS,
    "ratings": RATINGS,
    "count": whole(0, 10**6),
    "sentence": line,
}


def taste_from(document: object) -> Taste:
    """Return the taste in a JSON object. Raises `ValueError` or `TypeError` if it is invalid."""
    return Taste(**fields(document, CHECKS))
