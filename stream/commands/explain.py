"""`perpetuum explain`: show the candidates for one phrase, every rule, and the choice."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stream.commands.checks import check_style
from stream.commands.play import settings_of, taste_of
from stream.commands.voice_process import VoiceProcess
from stream.compose.filter.series import SERIES, WINDOWS
from stream.config.settings import Settings
from stream.ensembles.ensemble import load
from stream.errors import SettingsError
from stream.kept.favourites import Favourites
from stream.music.note import to_json
from stream.music.stream_position import opening
from stream.music.verdict import Rule
from stream.play.expression.explain import contributions
from stream.util.console import complain, say
from stream.voices.spec import find_voice

PHRASES = range(1, 1001)


def run(args: argparse.Namespace) -> int:
    """Print a block for each candidate and the reason for the choice, or JSON."""
    if args.count is not None:
        if args.candidates is not None:
            raise SettingsError(
                f"--count {args.count}: is another name of --candidates; give one of them"
            )
        args.candidates = args.count
    settings = settings_of(args)
    voice = find_voice(settings.voice)
    settings = check_style(settings, voice)
    phrase = _phrase(args.phrase)
    with VoiceProcess(voice) as process:
        facts = _facts(process, settings, phrase)
    if args.bpm is not None:
        complain("--bpm: has no effect: no rule uses the tempo; leave it out")
    say(*([json.dumps(facts)] if args.json else _lines(facts)))
    return 0


def _phrase(text: str) -> int:
    if text not in {str(number) for number in PHRASES}:
        raise SettingsError(
            f"--phrase {text}: give a whole number from 1, the first, to {PHRASES[-1]}"
        )
    return int(text)


def _facts(voice: VoiceProcess, settings: Settings, phrase: int) -> dict[str, Any]:
    """Compose the stream up to phrase number `phrase`, from 1, and return the facts about it."""
    position = opening(settings.seed or 0, settings.controls, taste_of(settings))
    if settings.kept:
        liked = Favourites(Path(settings.kept)).all()
        position = dataclasses.replace(position, favourites=liked)
    for _ in range(phrase - 1):
        position = position.after(voice.compose(position.request))
    facts = voice.query("explain", request=to_json(position.request))
    if facts["ensemble"]:
        source, ensemble = voice.compose(position.request), load(facts["ensemble"])
        changes = contributions(source, settings.controls, ensemble)
        facts["expression"] = [dataclasses.asdict(each) for each in changes]
    return facts


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    yield (
        f"Phrase {facts['phrase']} of seed {facts['seed']}, tune {facts['tune']}, "
        f"{facts['style']}, after {facts['notes_before']} notes of the tune."
    )
    if facts["returns_to"]:
        yield f"Its latent point is that of the favourite {facts['returns_to']}."
    if _melodic(facts["candidates"][0]["features"]):
        yield (
            "Entropies in bits: of all notes, and the least / the mean of windows of so many notes."
        )
    for candidate in facts["candidates"]:
        yield ""
        mark = "  <- plays" if candidate["candidate"] == facts["chosen"] else ""
        yield f"Candidate {candidate['candidate']}: {candidate['notes']} notes{mark}"
        yield from _features(candidate["features"])
        for rule in candidate["rules"]:
            yield _rule(Rule(rule["name"], rule["value"], rule["low"], rule["high"]))
    yield ""
    yield from _choice(facts)
    if facts["ensemble"]:
        yield ""
        yield from _band(facts)
        yield from _expression(facts["expression"])


def _band(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the ensemble, its energy, and the choice of each companion with its rules."""
    yield f"Ensemble {facts['ensemble']} at energy {facts['energy']:.2f}."
    if facts["failed"]:
        failed = ", ".join(facts["failed"])
        yield f"Not composed in time, or its companion cannot be loaded: {failed}."
    for each in facts["companions"]:
        notes = ", ".join(f"{role} {count} notes" for role, count in each["parts"].items())
        number = len(each["candidates"])
        yield (
            f"Companion {each['companion']}: candidate {each['chosen']} plays ({notes});"
            f" {each['accepted']} of {number} keep every rule."
        )
        for rule in each["candidates"][each["chosen"] - 1]["rules"]:
            yield _rule(Rule(rule["name"], rule["value"], rule["low"], rule["high"]))


def _expression(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the rules of expression that change something, with the most that each changes."""
    yield "Performance (the most that each rule changes):"
    for each in changes:
        if each["milliseconds"] or each["decibels"]:
            yield f"  {each['rule']:26} {each['milliseconds']:8.1f} ms {each['decibels']:6.2f} dB"


def _features(features: dict[str, float | None]) -> Iterator[str]:
    """Yield a line for each series of a melody, or for each feature of other music."""
    if not _melodic(features):
        for name, value in features.items():
            yield f"  {name:26} {'-' if value is None else f'{value:.3f}':>12}"
        return
    yield f"  {'':16} {'all':>5}" + "".join(f"{window:>13}" for window in WINDOWS)
    for series in SERIES:
        pairs = [
            f"{_bits(features[f'{series}_min_{window}'])} /"
            f"{_bits(features[f'{series}_mean_{window}'])}"
            for window in WINDOWS
        ]
        yield f"  {series:16} {_bits(features[series])}" + "".join(f"{p:>13}" for p in pairs)


def _melodic(features: Mapping[str, float | None]) -> bool:
    return SERIES[0] in features


def _bits(value: float | None) -> str:
    return "    -" if value is None else f"{value:5.2f}"


def _rule(rule: Rule) -> str:
    outcome = "pass" if rule.passed else "FAIL"
    bounds = f"{rule.low:8.3f} to {rule.high:.3f}"
    return f"  {outcome}  {rule.name:26} {rule.value:8.3f}   in {bounds}"


def _choice(facts: dict[str, Any]) -> Iterator[str]:
    chosen = facts["candidates"][facts["chosen"] - 1]
    subject = f"Candidate {facts['chosen']} plays:"
    number = len(facts["candidates"])
    if facts["accepted"] == 0:
        broken, rules, excess = chosen["broken"], len(chosen["rules"]), chosen["excess"]
        yield (
            f"{subject} none of {number} keeps every rule, and it is the closest:"
            f" it breaks {broken}"
        )
        yield f"of {rules} rules, by {excess:.3g} of their bounds in all."
        return
    first = next(c["candidate"] for c in facts["candidates"] if not c["broken"])
    why = "is the first of them" if first == facts["chosen"] else "has the density asked for"
    if facts["ratings"]:
        why = "was drawn among them by the stars that you gave"
    yield f"{subject} {facts['accepted']} of {number} keep every rule, and it {why}."
