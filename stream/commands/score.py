"""`perpetuum score`: how well a voice knows real music."""

from __future__ import annotations

import argparse
import json

from stream.compose.score import score
from stream.compose.step import Step
from stream.errors import CorpusError, SettingsError
from stream.melodies import read_melodies
from stream.settings import DEFAULT_VOICE
from stream.voice import find_voice


def run(args: argparse.Namespace) -> int:
    """Bits per note of each melodic track under the style that fits it best, or JSON with all."""
    step = Step(find_voice(args.voice or DEFAULT_VOICE))
    if step.spec.kind != "melody":
        raise SettingsError(
            f"--voice {args.voice}: a {step.spec.kind}; files are scored as melodies, one note at a"
            f" time: give a voice of kind melody, as {DEFAULT_VOICE}"
        )
    facts = []
    for path in args.files:
        melodies = read_melodies(path)
        if not melodies:
            raise CorpusError(f"{path}: no melody in it (drums do not count); give another file")
        for melody in melodies:
            bits = score(step, melody.notes)
            best = min(bits, key=lambda style: bits[style])
            facts.append(
                {
                    "file": str(path),
                    "track": melody.track,
                    "notes": len(melody.notes),
                    "style": best,
                    "bits_per_note": round(bits[best], 4),
                    "styles": {style: round(value, 4) for style, value in bits.items()},
                }
            )
    if args.json:
        print(json.dumps(facts))
        return 0
    for fact in facts:
        print(
            f"{fact['file']} track {fact['track']}: {fact['bits_per_note']:.2f} bits per note"
            f" as {fact['style']}, {fact['notes']} notes"
        )
    return 0
