"""The choice among the candidates: entropy rules, the bar line, and the least bad one.

A source of rules is a function that returns, for each candidate, a tuple of rules; the tuples of
all sources together are the table that `choose` decides upon. A rule holds a feature between two
bounds. The candidate that breaks the fewest rules plays; ties are broken by the distance from the
bounds, then by order. So one always plays, the least bad one if none passes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from stream.compose.filter import entropy
from stream.compose.filter.entropy import NoteSeries
from stream.compose.melody.vocabulary import TWELFTHS
from stream.music.verdict import Rule, Verdict

ESSENTIAL = ("heard_before", "copied_run", "bar_line", "silence")
"""Rules that weigh more than all others: no copies, no lost beat, no long silence."""
SILENT_BARS = 1.0
"""Bars without a note that a phrase may have in a row."""

LONG_NOTE = TWELFTHS[-1] / 12
"""Units of the longest note class."""

Rules = tuple[Rule, ...]
"""The rules of one candidate."""


def entropy_rules(
    melodies: Sequence[NoteSeries], past: NoteSeries, bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """Return a rule for each feature that has bounds and, with so few notes, a value.

    `melodies` are the candidates' phrases, `past` is the tune so far.
    """
    columns = [
        (name, entropy.FEATURES.index(name)) for name in bounds if bounds[name] != entropy.OPEN
    ]
    return [
        tuple(
            Rule(name, row[column], *bounds[name])
            for name, column in columns
            if not math.isnan(row[column])
        )
        for row in entropy.features(melodies, past).tolist()
    ]


def bar_line_rules(overshoots: Iterable[int]) -> list[Rules]:
    """Return one rule a candidate: the units by which the phrase ends after its last bar line.

    `overshoots` are the same in twelfths of a unit.
    """
    return [(Rule("bar_line", each / 12, 0.0, 0.0),) for each in overshoots]


def silence_rules(silences: Iterable[Sequence[int]], bar: int) -> list[Rules]:
    """Return one rule a candidate: the longest time without a note, in bars.

    `silences` are, for each candidate, the lengths of its rests in order, and 0 where a note is; a
    bar is `bar` long, in the same unit.
    """
    bars = (round(_longest(each) / bar, 3) for each in silences)
    return [(Rule("silence", each, 0.0, SILENT_BARS),) for each in bars]


def _longest(silences: Sequence[int]) -> int:
    """Return the largest sum of lengths that no 0 separates."""
    longest = current = 0
    for length in silences:
        current = current + length if length else 0
        longest = max(longest, current)
    return longest


def closing_rules(melodies: Sequence[NoteSeries], shortest: float) -> list[Rules]:
    """Return the rule for the last phrase of a tune: its last note has `shortest` units or more."""
    lengths = [float(length[-1]) / 12 if len(length) else 0.0 for _, length in melodies]
    return [(Rule("last_note", units, shortest, LONG_NOTE),) for units in lengths]


def combined(*sources: Sequence[Rules]) -> list[Rules]:
    """Return the rules of several sources, candidate by candidate."""
    return [sum(rules, ()) for rules in zip(*sources, strict=True)]


def choose(
    table: Sequence[Rules], prefer: Callable[[Sequence[int]], int] | None = None
) -> tuple[int, Verdict]:
    """Return the index of the candidate that plays, and the reasons.

    `prefer` chooses among those that break the fewest rules; without it the first of them that is
    the least outside plays.
    """
    bad = [badness(rules) for rules in table]
    best = min(range(len(table)), key=lambda k: (*bad[k], k))
    if prefer is not None:
        best = prefer([k for k in range(len(table)) if bad[k][:2] == bad[best][:2]])
    accepted = sum(count == 0 for _, count, _ in bad)
    failed = Counter(rule.name for rules in table for rule in rules if not rule.passed)
    return best, Verdict(table[best], len(table), accepted, best, tuple(failed.items()))


def by_density(density: float, melodies: Sequence[NoteSeries], among: Sequence[int]) -> int:
    """Return the candidate at `density` between the fewest notes, -1, and the most, 1."""
    by_count = sorted(among, key=lambda k: len(melodies[k][0]))
    return by_count[round((1 + density) / 2 * (len(by_count) - 1))]


def badness(rules: Rules) -> tuple[int, int, float]:
    """Return the sort key: essential rules broken, all rules broken, and how far outside."""
    essential = sum(not rule.passed for rule in rules if rule.name in ESSENTIAL)
    return essential, broken(rules), excess(rules)


def broken(rules: Rules) -> int:
    """Return how many of the rules do not hold."""
    return sum(not rule.passed for rule in rules)


def excess(rules: Rules) -> float:
    """Return the sum of each rule's excess as a share of the bound it breaks (of 1 if smaller)."""
    return sum(rule.excess / max(abs(_bound(rule)), 1.0) for rule in rules)


def _bound(rule: Rule) -> float:
    return rule.low if rule.value < rule.low else rule.high
