"""`perpetuum score`: how well a voice knows real music."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream.compose import score
from stream.compose.polyphony import score as polyphony
from stream.compose.step import Step
from stream.console import say
from stream.errors import CorpusError
from stream.melodies import read_melodies, read_notes
from stream.settings import DEFAULT_VOICE
from stream.voice import find_voice

Fact = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Bits under the style that fits best, or JSON with all.

    They are bits per note of each melodic track; of a voice of several parts, bits per frame of
    all tracks together.
    """
    step = Step(find_voice(args.voice or DEFAULT_VOICE))
    whole = step.spec.kind != "melody"
    facts = [
        fact
        for path in args.files
        for fact in (_as_frames(step, path) if whole else _as_melodies(step, path))
    ]
    if args.json:
        say(json.dumps(facts))
        return 0
    for fact in facts:
        where = "" if whole else f" track {fact['track']}"
        unit = "frame" if whole else "note"
        say(
            f"{fact['file']}{where}: {fact[f'bits_per_{unit}']:.2f} bits per {unit}"
            f" as {fact['style']}, {fact['notes']} notes"
        )
    return 0


def _as_melodies(step: Step, path: Path) -> list[Fact]:
    melodies = read_melodies(path)
    if not melodies:
        raise CorpusError(f"{path}: no melody in it (drums do not count); give another file")
    return [
        {"file": str(path), "track": melody.track, "notes": len(melody.notes)}
        | _judged(score.score(step, melody.notes), "note")
        for melody in melodies
    ]


def _as_frames(step: Step, path: Path) -> list[Fact]:
    notes = read_notes(path)
    if not notes:
        raise CorpusError(f"{path}: no note in it (drums do not count); give another file")
    return [
        {"file": str(path), "notes": len(notes)} | _judged(polyphony.score(step, notes), "frame")
    ]


def _judged(bits: Mapping[str, float], unit: str) -> Fact:
    best = min(bits, key=lambda style: bits[style])
    return {
        "style": best,
        f"bits_per_{unit}": round(bits[best], 4),
        "styles": {style: round(value, 4) for style, value in bits.items()},
    }
