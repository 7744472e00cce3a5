"""The reasons for a choice among candidates: the rules of the filter, and their results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """The result of one test of the filter for one candidate."""

    name: str
    value: float
    """The measured feature; entropies are in bits, other rules have units of their own."""
    low: float
    high: float

    @property
    def excess(self) -> float:
        """Return how far the value lies outside its bounds; 0 inside."""
        return max(self.low - self.value, self.value - self.high, 0.0)

    @property
    def passed(self) -> bool:
        return self.excess == 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reasons for the choice of a candidate."""

    rules: tuple[Rule, ...] = ()
    candidates: int = 1
    """Number of candidates composed for this phrase; 0 if it repeats an earlier one."""
    accepted: int = 1
    """Number of candidates that passed every rule; if 0, the least bad one plays."""
    chosen: int = 0
    """Index of the candidate that plays, in the order of composing."""
    rejected: tuple[tuple[str, int], ...] = ()
    """Rules, and how many of the candidates broke each, without those that none broke."""

    @property
    def passed(self) -> bool:
        return all(rule.passed for rule in self.rules)
