"""`perpetuum score`: measure how well a voice predicts real music."""

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
from stream.music.midi_parts import read_parts
from stream.music.note import Note
from stream.util.console import complain, say
from stream.voices.spec import find_companion, find_voice, read_spec

Fact = dict[str, Any]


def run(args: argparse.Namespace) -> int:
    """Print the bits under the style that fits best, or JSON with all styles.

    The unit is bits per note of each melodic line, that is of each channel of each track; for a
    voice of several parts it is bits per frame of all tracks together, and for a companion bits per
    frame of its own part, given the others.
    """
    name = args.voice or DEFAULT_VOICE
    voice = find_companion(name) or find_voice(name)
    spec = read_spec(voice)
    whole = spec.kind != "melody"
    score = _parts if spec.context else _frames if whole else _melodies
    with VoiceProcess(voice) as process:
        facts = [fact for path in args.files for fact in score(process, path)]
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
        style = f" as {fact['style']}" if fact["style"] else ""
        say(
            f"{fact['file']}{where}: {fact[f'bits_per_{unit}']:.2f} bits per {unit}"
            f"{style}, {fact['notes']} notes"
        )
    return 0


def _melodies(voice: VoiceProcess, path: Path) -> list[Fact]:
    melodies = read_melodies(path, complain)
    if not melodies:
        raise CorpusError(f"{path}: contains no melody (drums do not count); give another file")
    return [
        {
            "file": str(path),
            "track": melody.track,
            "channel": melody.channel + 1,
            "notes": len(melody.notes),
        }
        | _bits(voice.query("score", notes=_plain(melody.notes)), "note")
        for melody in melodies
    ]


def _frames(voice: VoiceProcess, path: Path) -> list[Fact]:
    notes = read_notes(path, complain)
    if not notes:
        raise CorpusError(f"{path}: contains no note (drums do not count); give another file")
    bits = voice.query("score", notes=_plain(notes))
    return [{"file": str(path), "notes": len(notes)} | _bits(bits, "frame")]


def _parts(voice: VoiceProcess, path: Path) -> list[Fact]:
    parts, bar = read_parts(path, complain)
    plain = {role: _plain(notes) for role, notes in parts.items()}
    bits = voice.query("score_parts", parts=plain, bar=bar)
    notes = sum(map(len, parts.values()))
    return [{"file": str(path), "notes": notes} | _bits(bits, "frame")]


def _plain(notes: Sequence[Note]) -> list[tuple[int, ...]]:
    return [dataclasses.astuple(note) for note in notes]


def _bits(bits: Mapping[str, float], unit: str) -> Fact:
    best = min(bits, key=lambda style: bits[style])
    return {
        "style": best,
        f"bits_per_{unit}": round(bits[best], 4),
        "styles": {style: round(value, 4) for style, value in bits.items()},
    }
