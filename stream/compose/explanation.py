"""The reasons for a choice: the candidates of a phrase, every rule, and which candidate plays."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from stream.compose.companions.companion import Choice
from stream.compose.composer import Composer, Evaluation
from stream.compose.filter import selection
from stream.compose.filter.selection import Rules
from stream.errors import SettingsError
from stream.music.note import PhraseRequest


def facts(composer: Composer, request: PhraseRequest) -> dict[str, Any]:
    """Return all facts about the choice. Raises `SettingsError` if the phrase is a repeat."""
    context = composer.context(request)
    if context.repeat is not None and context.repeat.whole:
        raise SettingsError(
            f"--phrase {request.index + 1}: this phrase repeats an earlier one of its tune note by"
            " note, so nothing was chosen; give another"
        )
    found = composer.evaluate(context)
    rows = composer.strategy.features(context, found.candidates)
    repeated = context.repeat.notes if context.repeat else ()
    band = composer.accompanied(request, composer.finish(context, found), context.plan)
    return {
        "seed": request.seed,
        "phrase": request.index + 1,
        "tune": request.tune + 1,
        "style": context.plan.name,
        "returns_to": context.plan.favourite,
        "ratings": request.ratings,
        "notes_before": len(request.tune_notes) + len(repeated),
        "candidates": [_candidate(found, k, row) for k, row in enumerate(rows)],
        "chosen": found.best + 1,
        "accepted": sum(selection.broken(rules) == 0 for rules in found.table),
        "ensemble": band.phrase.ensemble,
        "energy": band.phrase.energy,
        "companions": [_companion(name, choice) for name, choice in band.choices.items()],
        "failed": band.phrase.failed,
    }


def _companion(name: str, choice: Choice) -> dict[str, Any]:
    """Return the candidates of a companion, with the rules of each."""
    return {
        "companion": name,
        "parts": {role: len(notes) for role, notes in choice.parts.items()},
        "candidates": [
            {"candidate": k + 1, **_rules(rules)} for k, rules in enumerate(choice.table)
        ],
        "chosen": choice.verdict.chosen + 1,
        "accepted": choice.verdict.accepted,
    }


def _candidate(found: Evaluation, k: int, row: dict[str, float]) -> dict[str, Any]:
    return {
        "candidate": k + 1,
        "notes": len(found.melodies[k][0]),
        "features": {name: None if math.isnan(value) else value for name, value in row.items()},
        **_rules(found.table[k]),
    }


def _rules(rules: Rules) -> dict[str, Any]:
    return {
        "rules": [dataclasses.asdict(r) | {"passed": r.passed} for r in rules],
        "essential_broken": selection.badness(rules)[0],
        "broken": selection.broken(rules),
        "excess": round(selection.excess(rules), 6),
    }
