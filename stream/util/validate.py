"""Validate documents from outside, value by value.

A check is a function that returns its value in the program's form (a list becomes a tuple), or
raises `ValueError` with the value and what is accepted. Checks are combined like the documents.
"""

# ruff: noqa: TRY004 (a value of a wrong type is an invalid document, not an error of the program)

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Check = Callable[[Any], Any]

_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200


def shown(value: object) -> str:
    """Return a value for an error message, shortened."""
    try:
        return _BRIEF.repr(value)
    except ValueError:
        # Python refuses to write numbers of more than 4300 digits.
        return "a number of thousands of digits"


def numeral(value: float) -> str:
    """Return a number without an exponent."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:.10f}".rstrip("0") if isinstance(value, float) else str(value)


def parsed(content: str | bytes) -> dict[str, Any]:
    """Parse a text that holds a JSON object."""
    try:
        document = json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError(f"{shown(document)} is not a JSON object")
    return document


def fields(document: object, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return the members of a document, each checked; all have to be named in `checks`."""
    if not isinstance(document, dict):
        raise ValueError(f"{shown(document)} is not an object")
    found = {}
    for name, value in document.items():
        if name not in checks:
            raise ValueError(f"{shown(name)} is not known")
        try:
            found[name] = checks[name](value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return found


def whole(low: int, high: int) -> Check:
    """Return a check for a whole number between two bounds, inclusive."""

    def check(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{shown(value)} is not a whole number from {low} to {high}")
        return value

    return check


def number(low: float = -1e9, high: float = 1e9) -> Check:
    """Return a check for a finite number between two bounds, inclusive."""

    def check(value: object) -> float:
        if type(value) not in (int, float) or not low <= value <= high:  # type: ignore[operator]
            raise ValueError(
                f"{shown(value)} is not a number from {numeral(low)} to {numeral(high)}"
            )
        return value  # type: ignore[return-value]

    return check


def real(value: object) -> float:
    """Check for any number, infinite ones included; whole ones have to fit into a float."""
    if type(value) is float or (type(value) is int and value.bit_length() < 1000):
        return value
    raise ValueError(f"{shown(value)} is not a number")


def flag(value: object) -> bool:
    """Check for a boolean."""
    if not isinstance(value, bool):
        raise ValueError(f"{shown(value)} is neither true nor false")
    return value


def text(value: object) -> str:
    """Check for text."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text")
    return value


def line(value: object) -> str:
    """Check for text without control characters."""
    if not text(value).isprintable():
        raise ValueError(f"{shown(value)} is not printable text")
    return str(value)


def pattern(expression: str) -> Check:
    """Return a check for text that matches a regular expression."""
    form = re.compile(expression)

    def check(value: object) -> str:
        if not form.fullmatch(text(value)):
            raise ValueError(f"{shown(value)} does not match {expression}")
        return str(value)

    return check


def one_of(words: Sequence[str]) -> Check:
    """Return a check for one of these words."""

    def check(value: object) -> str:
        if text(value) not in words:
            raise ValueError(f"{shown(value)} is not one of {', '.join(filter(None, words))}")
        return str(value)

    return check


def items(check: Check, least: int, most: int) -> Check:
    """Return a check for a list of `least` to `most` items, which becomes a tuple."""

    def checked(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise ValueError(f"{shown(value)} is not a list of {least} to {most} items")
        return tuple(map(check, value))

    return checked


def table(key: Check, check: Check, most: int) -> Check:
    """Return a check for an object of at most `most` members with any names."""

    def checked(value: object) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > most:
            raise ValueError(f"{shown(value)} is not an object of at most {most} members")
        return {key(name): check(member) for name, member in value.items()}

    return checked


def shares(key: Check, most: int) -> Check:
    """Return a check for an object of numbers of which at least one is above 0."""
    numbers = table(key, number(0, 1e9), most)

    def checked(value: object) -> dict[str, float]:
        found: dict[str, float] = numbers(value)
        if not math.fsum(found.values()) > 0:
            raise ValueError(f"{shown(value)}: no share is above 0")
        return found

    return checked
