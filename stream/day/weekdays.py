"""Weekday rules, such as `mon-fri` or `sat, sun`."""

from __future__ import annotations

from typing import Any

from stream.errors import SettingsError
from stream.util.validate import shown

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the days of the week, in the order of `datetime.date.weekday`."""
EVERY_DAY = frozenset(range(len(NAMES)))
SHORTEST_RUN = 3
"""Fewest days in a row that are written as a range."""


def parse_days(rule: Any, origin: str) -> frozenset[int]:
    """Return the days of a rule, 0 for Monday. Raises `SettingsError`."""
    parts = rule if isinstance(rule, list) else [rule]
    if not parts or not all(isinstance(part, str) for part in parts):
        raise _malformed(rule, origin)
    words = [word for part in parts for word in part.lower().replace(" ", "").split(",")]
    return frozenset(day for word in words for day in _range(word, rule, origin))


def days_text(days: frozenset[int]) -> str:
    """Return the days in words, such as `mon-fri`; empty for every day."""
    if days == EVERY_DAY:
        return ""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_text(run) for run in runs)


def _run_text(run: list[int]) -> str:
    if len(run) < SHORTEST_RUN:
        return ", ".join(NAMES[day] for day in run)
    return f"{NAMES[run[0]]}-{NAMES[run[-1]]}"


def _range(word: str, rule: Any, origin: str) -> list[int]:
    first, dash, last = word.partition("-")
    if first not in NAMES or (dash and last not in NAMES):
        raise _malformed(rule, origin)
    begin = NAMES.index(first)
    length = (NAMES.index(last) - begin) % len(NAMES) if dash else 0
    return [(begin + day) % len(NAMES) for day in range(length + 1)]


def _malformed(rule: Any, origin: str) -> SettingsError:
    return SettingsError(
        f"{origin}: days {shown(rule)}: not days of the week; write mon-fri, or sat, sun"
    )
