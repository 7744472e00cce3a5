"""Values from outside, looked at one by one: a document is what it says it is, or `ValueError`.

A check is a function that gives its value back, made fit (a list becomes a tuple), or raises
`ValueError` with the value and what is wanted. Checks are put together like the documents.
"""

# ruff: noqa: TRY004 (a document with a wrong type is a wrong document, whatever the program)

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], Any]

_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200


def shown(value: object) -> str:
    """A value for an error message: short, whatever it is."""
    try:
        return _BRIEF.repr(value)
    except ValueError:
        # Python writes no numbers of more than 4300 digits.
        return "a number of thousands of digits"


def numeral(value: float) -> str:
    """A number digit by digit, as a person writes it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:.10f}".rstrip("0") if isinstance(value, float) else str(value)


def parsed(content: str | bytes) -> dict[str, Any]:
    """The JSON object in a text."""
    try:
        document = json.loads(content)
    except RecursionError as error:
        raise ValueError("lists in lists without end") from error
    if not isinstance(document, dict):
        raise ValueError(f"{shown(document)} is no JSON object")
    return document


def fields(document: object, checks: Mapping[str, Check]) -> dict[str, Any]:
    """The members of a document that has no others than those in `checks`."""
    if not isinstance(document, dict):
        raise ValueError(f"{shown(document)} is no object")
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
    """A whole number between two bounds, both allowed."""

    def check(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{shown(value)} is no whole number from {low} to {high}")
        return value

    return check


def number(low: float = -1e9, high: float = 1e9) -> Check:
    """A finite number between two bounds, both allowed."""

    def check(value: object) -> float:
        if type(value) not in (int, float) or not low <= value <= high:  # type: ignore[operator]
            raise ValueError(f"{shown(value)} is no number from {numeral(low)} to {numeral(high)}")
        return value  # type: ignore[return-value]

    return check


def real(value: object) -> float:
    """Any number, infinite ones too; whole ones as large as floats hold them."""
    if type(value) is float or (type(value) is int and value.bit_length() < 1000):
        return value
    raise ValueError(f"{shown(value)} is no number")


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{shown(value)} is neither true nor false")
    return value


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no text")
    return value


def line(value: object) -> str:
    """Text that can be shown: no control characters."""
    if not text(value).isprintable():
        raise ValueError(f"{shown(value)} is no printable text")
    return str(value)


def pattern(expression: str) -> Check:
    """Text of a form."""
    wanted = re.compile(expression)

    def check(value: object) -> str:
        if not wanted.fullmatch(text(value)):
            raise ValueError(f"{shown(value)} is not of the form {expression}")
        return str(value)

    return check


def items(check: Check, least: int, most: int) -> Check:
    """A list, as a tuple."""

    def checked(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise ValueError(f"{shown(value)} is no list of {least} to {most}")
        return tuple(map(check, value))

    return checked


def table(key: Check, check: Check, most: int) -> Check:
    """An object with any names."""

    def checked(value: object) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > most:
            raise ValueError(f"{shown(value)} is no object of at most {most}")
        return {key(name): check(member) for name, member in value.items()}

    return checked


def shares(key: Check, most: int) -> Check:
    """Numbers by name of which at least one is more than nothing."""
    numbers = table(key, number(0, 1e9), most)

    def checked(value: object) -> dict[str, float]:
        found: dict[str, float] = numbers(value)
        if not math.fsum(found.values()) > 0:
            raise ValueError(f"{shown(value)}: nothing has a share")
        return found

    return checked
