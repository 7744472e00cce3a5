"""Bounds beside figures, as `at most 0.6`: the page marks each one that is missed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

MISSED = " (missed)"
TESTS: Mapping[str, Callable[[float, float], bool]] = {
    "at most": operator.le,
    "at least": operator.ge,
    "below": operator.lt,
    "above": operator.gt,
    "more than": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
BOUND = re.compile(rf"({'|'.join(TESTS)}) (-?[\d,]*\.?\d+(?:e-?\d+)?)(?!\S)")
MARKED = re.compile(r" \((met|missed)\)")


def is_missed(value: float, beside: str) -> bool:
    """Return True if a figure misses the bound beside it; False if there is no bound."""
    found = BOUND.match(MARKED.sub("", beside).replace(";", " ;"))
    if found is None:
        return False
    return not TESTS[found[1]](value, float(found[2].replace(",", "")))


def marked(value: float, beside: str) -> str:
    """Return what stands beside a figure, with a mark if it is a bound that is missed."""
    if not is_missed(value, beside) or MARKED.search(beside):
        return beside
    bound, semicolon, rest = beside.partition(";")
    return bound + MISSED + semicolon + rest
