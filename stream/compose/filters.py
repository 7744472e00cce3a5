"""Which of the candidates plays: entropy rules, the bar line, and the choice.

A source of rules is a function that gives, for each candidate, a tuple of rules; the tuples of all
sources together are the table that `choose` decides upon. A rule holds a feature between two
bounds. Among the candidates the first that breaks the fewest rules plays, ties broken by how far it
is outside: so where several pass, the choice does not favour any of them, and where none passes the
least bad one plays. Silence is never an answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from stream.compose import entropy
from stream.compose.sampler import Candidates
from stream.note import Note, Rule, Verdict

Rules = tuple[Rule, ...]
"""What is tested of one candidate."""


def past_of(notes: Sequence[Note], unit: int) -> entropy.Melody:
    """The notes of the tune so far as a melody, lengths in twelfths of the unit, as candidates."""
    pitch = [n.pitch for n in notes]
    length = [n.duration * 12 // unit for n in notes]
    return np.array(pitch, np.int64), np.array(length, np.int64)


def features(candidates: Candidates, past: entropy.Melody) -> entropy.Floats:
    """[K, 66] bits, in the order of `entropy.FEATURES`, of the tune up to each phrase's end."""
    return entropy.features([candidates.melody(k) for k in range(len(candidates))], past)


def entropy_rules(
    candidates: Candidates, past: entropy.Melody, bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """A rule for each feature that has bounds and, in so few notes, a value."""
    columns = [
        (name, entropy.FEATURES.index(name)) for name in bounds if bounds[name] != entropy.OPEN
    ]
    return [
        tuple(
            Rule(name, row[column], *bounds[name])
            for name, column in columns
            if not math.isnan(row[column])
        )
        for row in features(candidates, past).tolist()
    ]


def bar_line_rules(candidates: Candidates) -> list[Rules]:
    """One rule: the units by which the phrase ends after its last bar line."""
    return [
        (Rule("bar_line", candidates.overshoot(k) / 12, 0.0, 0.0),) for k in range(len(candidates))
    ]


def together(*sources: Sequence[Rules]) -> list[Rules]:
    """The rules of several sources, candidate by candidate."""
    return [sum(rules, ()) for rules in zip(*sources, strict=True)]


def choose(table: Sequence[Rules]) -> tuple[int, Verdict]:
    """Index of the candidate that plays, and why."""
    best = min(range(len(table)), key=lambda k: (broken(table[k]), excess(table[k]), k))
    accepted = sum(broken(rules) == 0 for rules in table)
    return best, Verdict(table[best], candidates=len(table), accepted=accepted)


def broken(rules: Rules) -> int:
    """How many of the rules do not hold."""
    return sum(not rule.passed for rule in rules)


def excess(rules: Rules) -> float:
    """How far outside: each rule's excess as a share of the bound it breaks, or of 1 if smaller."""
    return sum(rule.excess / max(abs(_bound(rule)), 1.0) for rule in rules)


def _bound(rule: Rule) -> float:
    return rule.low if rule.value < rule.low else rule.high
