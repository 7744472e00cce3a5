"""Which of the candidates plays: entropy rules, and the bar line.

A rule holds a feature between two bounds that were measured on real phrases of the style. Among
the candidates the first that breaks the fewest rules plays, ties broken by how far it is outside:
so where several pass, the choice does not favour any of them, and where none passes the least bad
one plays. Silence is never an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream.compose import entropy
from stream.compose.sampler import Candidates
from stream.note import Rule, Verdict


def judge(candidates: Candidates, bounds: Mapping[str, tuple[float, float]]) -> tuple[int, Verdict]:
    """Index of the candidate that plays, and why."""
    table = _rules(candidates, bounds)
    best = min(range(len(table)), key=lambda k: (_broken(table[k]), _excess(table[k]), k))
    accepted = sum(_broken(rules) == 0 for rules in table)
    return best, Verdict(table[best], candidates=len(table), accepted=accepted)


def _rules(
    candidates: Candidates, bounds: Mapping[str, tuple[float, float]]
) -> list[tuple[Rule, ...]]:
    melodies = [candidates.melody(k) for k in range(len(candidates))]
    bits = entropy.entropies([p for p, _ in melodies], [d for _, d in melodies])
    table = []
    for k, row in enumerate(bits):
        features = dict(zip(entropy.FEATURES, row.tolist(), strict=True))
        rules = [Rule(n, features[n], *bounds[n]) for n in entropy.FEATURES if n in bounds]
        # Units by which the phrase ends after its last bar line.
        rules.append(Rule("bar_line", candidates.overshoot(k) / 12, 0.0, 0.0))
        table.append(tuple(rules))
    return table


def _broken(rules: Sequence[Rule]) -> int:
    return sum(not rule.passed for rule in rules)


def _excess(rules: Sequence[Rule]) -> float:
    return sum(rule.excess for rule in rules)
