"""`perpetuum score`: how well a voice knows real music."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stream.commands.voice_process import VoiceProcess
from stream.config.settings import DEFAULT_VOICE
from stream.errors import CorpusError
from stream.music.midi_melodies import read_melodies, read_notes
from stream.music.note import Note
from stream.util.console import complain, say
from stream.voices.spec import find_voice, read_spec

Fact = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Bits under the style that fits best, or JSON with all.

    They are bits per note of each melodic line, that is each channel of each track; of a voice of
    several parts, bits per frame of all tracks together.
    """
    voice = find_voice(args.voice or DEFAULT_VOICE)
    whole = read_spec(voice).kind != "melody"
    judged = _as_frames if whole else _as_melodies
    with VoiceProcess(voice) as process:
        facts = [fact for path in args.files for fact in judged(process, path)]
    if args.json:
        say(json.dumps(facts))
        return 0
    lines = {(fact["file"], fact.get("track"), fact.get("channel")) for fact in facts}
    channels = Counter(line[:2] for line in lines)
    for fact in facts:
        where = "" if whole else f" track {fact['track']}"
        if channels[fact["file"], fact.get("track")] > 1:
            where += f" channel {fact['channel']}"
        unit = "frame" if whole else "note"
        say(
            f"{fact['file']}{where}: {fact[f'bits_per_{unit}']:.2f} bits per {unit}"
            f" as {fact['style']}, {fact['notes']} notes"
        )
    return 0


def _as_melodies(voice: VoiceProcess, path: Path) -> list[Fact]:
    melodies = read_melodies(path, complain)
    if not melodies:
        raise CorpusError(f"{path}: no melody in it (drums do not count); give another file")
    return [
        {
            "file": str(path),
            "track": melody.track,
            "channel": melody.channel + 1,
            "notes": len(melody.notes),
        }
        | _judged(voice.query("score", notes=_plain(melody.notes)), "note")
        for melody in melodies
    ]


def _as_frames(voice: VoiceProcess, path: Path) -> list[Fact]:
    notes = read_notes(path, complain)
    if not notes:
        raise CorpusError(f"{path}: no note in it (drums do not count); give another file")
    bits = voice.query("score", notes=_plain(notes))
    return [{"file": str(path), "notes": len(notes)} | _judged(bits, "frame")]


def _plain(notes: Sequence[Note]) -> list[tuple[int, ...]]:
    return [dataclasses.astuple(note) for note in notes]


def _judged(bits: Mapping[str, float], unit: str) -> Fact:
    best = min(bits, key=lambda style: bits[style])
    return {
        "style": best,
        f"bits_per_{unit}": round(bits[best], 4),
        "styles": {style: round(value, 4) for style, value in bits.items()},
    }
