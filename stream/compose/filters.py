"""Which of the candidates plays: entropy rules, and the bar line.

A rule holds a feature between two bounds that were measured on real phrases of the style. Among
the candidates the first that breaks the fewest rules plays, ties broken by how far it is outside:
so where several pass, the choice does not favour any of them, and where none passes the least bad
one plays. Silence is never an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream.compose import entropy
from stream.compose.novelty import Melody
from stream.compose.sampler import Candidates
from stream.note import Rule, Verdict


def choose(table: Sequence[tuple[Rule, ...]]) -> tuple[int, Verdict]:
    """Index of the candidate that plays, and why."""
    best = min(range(len(table)), key=lambda k: (*badness(table[k]), k))
    accepted = sum(all(rule.passed for rule in rules) for rules in table)
    return best, Verdict(table[best], candidates=len(table), accepted=accepted)


def badness(rules: Sequence[Rule]) -> tuple[int, float]:
    """Rules that are broken, and by how much in all."""
    return sum(not rule.passed for rule in rules), sum(rule.excess for rule in rules)


def bar_line_rules(candidates: Candidates) -> list[tuple[Rule, ...]]:
    """Units by which each candidate ends after its last bar line: none."""
    overshoots = [candidates.overshoot(k) / 12 for k in range(len(candidates))]
    return [(Rule("bar_line", units, 0.0, 0.0),) for units in overshoots]


def entropy_rules(
    melodies: Sequence[Melody], _past: Melody, bounds: Mapping[str, tuple[float, float]]
) -> list[tuple[Rule, ...]]:
    bits = entropy.entropies([p for p, _ in melodies], [d for _, d in melodies])
    table = []
    for row in bits:
        features = dict(zip(entropy.FEATURES, row.tolist(), strict=True))
        rules = [Rule(n, features[n], *bounds[n]) for n in entropy.FEATURES if n in bounds]
        table.append(tuple(rules))
    return table
