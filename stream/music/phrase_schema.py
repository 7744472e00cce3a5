"""The schema of the lines of JSON between player and composer: each field of phrase and request.

Bounds are wide: they only reject what would end a process, delay it or fill its memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from stream.music.controls import CONTROLS, Control, Kind
from stream.music.part import LEAD_PARTS, ROLES
from stream.taste.terms import RATINGS, TERMS
from stream.util.validate import (
    Check,
    fields,
    flag,
    items,
    line,
    number,
    one_of,
    pattern,
    real,
    shown,
    text,
    whole,
)

LONGEST = 2**20
"""Most ticks of anything that is counted in ticks: five thousand bars."""
NOTE = ((-LONGEST, LONGEST), (1, LONGEST), (0, 127), (1, 127), (0, 15), (-480, 480), (-480, 480))
"""Lowest and highest value of each field of a `Note`."""
NEEDED = 5
"""Number of the fields that a note needs; offset and release may be left out."""


def note(value: object) -> Sequence[int]:
    """Return the fields of a `Note` in order; written out for speed, as requests hold hundreds."""
    if not isinstance(value, list) or not NEEDED <= len(value) <= len(NOTE):
        raise ValueError(f"{shown(value)} must have {NEEDED} to {len(NOTE)} members")
    members = value
    for member, (low, high) in zip(members, NOTE, strict=False):
        if type(member) is not int or not low <= member <= high:
            raise ValueError(f"{shown(value)} is not a note")
    return members


def rule(value: object) -> tuple[str, float, float, float]:
    """Return the fields of a `Rule` in order."""
    name, *numbers = _members(value, 4)
    feature, low, high = map(real, numbers)
    return text(name), feature, low, high


def count(value: object) -> tuple[str, int]:
    """Return a rule and how many candidates broke it."""
    name, broken = _members(value, 2)
    return text(name), int(COUNT(broken))


def share(value: object) -> tuple[str, float]:
    """Return a style and its weight."""
    name, weight = _members(value, 2)
    return text(name), number(0, 1)(weight)


def companion(value: object) -> tuple[str, dict[str, Any]]:
    """Return the role of a part, and the fields of its companion's verdict."""
    role, verdict = _members(value, 2)
    return ROLE(role), fields(verdict, VERDICT)


def _members(value: object, count: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{shown(value)} must have {count} members")
    return value


def _control_check(control: Control) -> Check:
    """Return the check of a control's value in a message."""
    bounds = control.wire_bounds or control.bounds
    if bounds is None:
        return STYLE if control.kind is Kind.STYLE else text
    low, high = bounds
    check = number(low, high) if control.kind is Kind.NUMBER else whole(int(low), int(high))
    return _or_zero(check) if control.automatic else check


def _or_zero(check: Check) -> Check:
    """Return a check that also accepts 0."""
    return lambda value: value if type(value) in (int, float) and value == 0 else check(value)


ROLE = one_of(ROLES)
OWN_ROLE = one_of(("", *ROLES))
COUNT = whole(0, 2**53)
BPM = number(1, 1000)
"""Check of a tempo in quarter notes a minute."""
SEED = whole(0, 2**63 - 1)
STYLE = items(items(share, 1, 1000), 0, 1000)
CONTROL_CHECKS: Mapping[str, Check] = {
    name: _control_check(control) for name, control in CONTROLS.items()
}
VERDICT: Mapping[str, Check] = {
    "rules": items(rule, 0, 1000),
    "candidates": COUNT,
    "accepted": COUNT,
    "chosen": COUNT,
    "rejected": items(count, 0, 1000),
}
PHRASE: Mapping[str, Check] = {
    "notes": items(note, 0, LONGEST),
    "length": whole(1, LONGEST),
    "bpm": BPM,
    "index": COUNT,
    "tune": COUNT,
    "style": text,
    "voice": text,
    "seed": SEED,
    "bar": whole(1, LONGEST),
    "verdict": partial(fields, checks=VERDICT),
    "parent": whole(-1, 2**53),
    "closing": flag,
    "ensemble": text,
    "roles": items(OWN_ROLE, 0, LEAD_PARTS),
    "energy": number(0, 1),
    "companions": items(companion, 0, len(ROLES)),
    "silent": items(ROLE, 0, len(ROLES)),
    "failed": items(ROLE, 0, len(ROLES)),
    "letter": pattern(r"[A-Za-z]?"),
    "latent": pattern(r"[A-Za-z0-9+/=]{0,4096}"),
    "tempo": _or_zero(BPM),
    "key": pattern(r"([A-G][#b]? [a-z ]+)?"),
    "meter": pattern(r"([1-9]\d?/[1-9]\d?)?"),
    "kind": line,
    "set_place": whole(0, 64),
    "set_size": whole(0, 64),
    "returns_to": line,
}
REQUEST: Mapping[str, Check] = {
    "index": COUNT,
    "tune": COUNT,
    "seed": SEED,
    "opened": COUNT,
    "opened_style": STYLE,
    "phrase_lengths": items(whole(1, LONGEST), 0, LONGEST),
    "begun": whole(0, LONGEST),
    "bars": whole(1, 64),
    "more": whole(0, 64),
    "parent": whole(-1, 2**53),
    "history": items(note, 0, LONGEST),
    "call": whole(0, LONGEST),
    "played": items(note, 0, LONGEST),
    "behind": whole(0, 64),
    "tempo": _or_zero(BPM),
    "favourite": items(text, 0, 3),
    "taste": TERMS,
    "ratings": RATINGS,
    "controls": partial(fields, checks=CONTROL_CHECKS),
}
