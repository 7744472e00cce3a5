"""Types of dances, from what a collection calls its tunes, or from their meters."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "reel": "reel",
    "hornpipe": "hornpipe", "clog": "hornpipe",
    "jig": "jig", "double jig": "jig", "slide": "jig",
    "slipjig": "slip jig", "slip jig": "slip jig",
    "strathspey": "strathspey", "highland fling": "strathspey", "fling": "strathspey",
    "air": "air",
    "march": "march", "walkaround": "march",
    "waltz": "waltz",
}  # fmt: skip
"""Type by the word of a collection, in small letters."""
BY_METER: Final = {
    "6/8": "jig", "12/8": "jig", "9/8": "slip jig", "3/4": "waltz", "3/8": "waltz",
    "2/4": "country dance",
}  # fmt: skip
"""Type of a tune that its collection leaves without a word; duple tunes in 4/4 stay unknown."""
KINDS: Final = tuple(sorted({*NAMES.values(), *BY_METER.values()}))


def kind_of(word: str, meter: str) -> str:
    """Return the type of a dance; empty if neither the word nor the meter tells it."""
    return NAMES.get(word.strip().lower()) or BY_METER.get(meter.strip(), "")
