"""Which of the candidates plays: entropy rules, the bar line, and the choice.

A source of rules is a function that gives, for each candidate, a tuple of rules; the tuples of all
sources together are the table that `choose` decides upon. A rule holds a feature between two
bounds. Among the candidates the first that breaks the fewest rules plays, ties broken by how far it
is outside: so where several pass, the choice does not favour any of them, and where none passes the
least bad one plays. Silence is never an answer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from stream.compose.filter import entropy
from stream.compose.filter.entropy import NoteSeries
from stream.compose.melody.vocabulary import TWELFTHS
from stream.music.note import Rule, Verdict

ESSENTIAL = ("heard_before", "copied_run", "bar_line", "silence")
"""Rules that weigh more than all others: no copies, no lost beat, no holes."""
SILENT_BARS = 1.0
"""Bars without a note that a phrase may have in a row."""

LONG_NOTE = TWELFTHS[-1] / 12
"""Units of the longest note there is."""

Rules = tuple[Rule, ...]
"""What is tested of one candidate."""


def entropy_rules(
    melodies: Sequence[NoteSeries], past: NoteSeries, bounds: Mapping[str, tuple[float, float]]
) -> list[Rules]:
    """A rule for each feature that has bounds and, in so few notes, a value.

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
    longest = here = 0
    for length in silences:
        here = here + length if length else 0
        longest = max(longest, here)
    return longest


def closing_rules(melodies: Sequence[NoteSeries], shortest: float) -> list[Rules]:
    """One rule for the last phrase of a tune: its last note has at least `shortest` units."""
    lengths = [float(length[-1]) / 12 if len(length) else 0.0 for _, length in melodies]
    return [(Rule("last_note", units, shortest, LONG_NOTE),) for units in lengths]


def combined(*sources: Sequence[Rules]) -> list[Rules]:
    """The rules of several sources, candidate by candidate."""
    return [sum(rules, ()) for rules in zip(*sources, strict=True)]


def choose(
    table: Sequence[Rules], prefer: Callable[[Sequence[int]], int] | None = None
) -> tuple[int, Verdict]:
    """Index of the candidate that plays, and why.

    `prefer` takes one of those that break the fewest rules; without it the first, or the one that
    is the least outside, does.
    """
    bad = [badness(rules) for rules in table]
    best = min(range(len(table)), key=lambda k: (*bad[k], k))
    if prefer is not None:
        best = prefer([k for k in range(len(table)) if bad[k][:2] == bad[best][:2]])
    accepted = sum(count == 0 for _, count, _ in bad)
    failed = Counter(rule.name for rules in table for rule in rules if not rule.passed)
    return best, Verdict(table[best], len(table), accepted, best, tuple(failed.items()))


def by_density(density: float, melodies: Sequence[NoteSeries], among: Sequence[int]) -> int:
    """The candidate whose count of notes lies so far between the fewest, -1, and the most, 1."""
    by_count = sorted(among, key=lambda k: len(melodies[k][0]))
    return by_count[round((1 + density) / 2 * (len(by_count) - 1))]


def badness(rules: Rules) -> tuple[int, int, float]:
    """What is compared, in this order: essential rules broken, all broken, and how far outside."""
    essential = sum(not rule.passed for rule in rules if rule.name in ESSENTIAL)
    return essential, broken(rules), excess(rules)


def broken(rules: Rules) -> int:
    """How many of the rules do not hold."""
    return sum(not rule.passed for rule in rules)


def excess(rules: Rules) -> float:
    """How far outside: each rule's excess as a share of the bound it breaks, or of 1 if smaller."""
    return sum(rule.excess / max(abs(_bound(rule)), 1.0) for rule in rules)


def _bound(rule: Rule) -> float:
    return rule.low if rule.value < rule.low else rule.high
