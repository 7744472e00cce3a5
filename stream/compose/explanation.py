"""Why a phrase is played: its candidates, every rule, and which of them it is."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from stream.compose.composer import Composer, Evaluation
from stream.compose.filter import selection
from stream.errors import SettingsError
from stream.music.note import PhraseRequest


def facts(composer: Composer, request: PhraseRequest) -> dict[str, Any]:
    """All that is known of the choice. Raises `SettingsError` where there is nothing to choose."""
    now = composer.situation(request)
    if now.strain is not None and now.strain.whole:
        raise SettingsError(
            f"--phrase {request.index + 1}: this phrase repeats an earlier one of its tune note by"
            " note; there is nothing to choose: ask for another"
        )
    found = composer.consider(now)
    rows = composer.craft.features(now, found.candidates)
    again = now.strain.notes if now.strain else ()
    return {
        "seed": request.seed,
        "phrase": request.index + 1,
        "tune": request.tune + 1,
        "style": now.place.name,
        "notes_before": len(request.tune_notes) + len(again),
        "candidates": [_candidate(found, k, row) for k, row in enumerate(rows)],
        "chosen": found.best + 1,
        "accepted": sum(selection.broken(rules) == 0 for rules in found.table),
    }


def _candidate(found: Evaluation, k: int, row: dict[str, float]) -> dict[str, Any]:
    rules = found.table[k]
    return {
        "candidate": k + 1,
        "notes": len(found.melodies[k][0]),
        "features": {name: None if math.isnan(value) else value for name, value in row.items()},
        "rules": [dataclasses.asdict(r) | {"passed": r.passed} for r in rules],
        "essential_broken": selection.badness(rules)[0],
        "broken": selection.broken(rules),
        "excess": round(selection.excess(rules), 6),
    }
