"""Settings that change nothing beside the others: told at the start, for they are a mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stream.config.bounds import CHOICES
from stream.config.part_channels import CHORALE, LEAD_SHEET, named_parts
from stream.config.settings import Settings
from stream.voices.schema import AUDIO
from stream.voices.spec import VoiceSpec

CLOCKED = ("port", "virtual", "serial", "osc")
"""Kinds of outputs that take a MIDI clock."""
RETURNING = (*CLOCKED, "fluidsynth", "audio")
"""Kinds of outputs that may come later."""


class Case(NamedTuple):
    """When a setting is idle, and what is said of it then."""

    idle: Callable[[Settings], bool]
    why: str


def _heard(settings: Settings) -> bool:
    return bool(settings.panel or settings.osc or settings.input)


def _all_out_of(kinds: tuple[str, ...], settings: Settings) -> bool:
    """Whether outputs are named, and none of these kinds among them."""
    named = {output.partition(":")[0] for output in settings.out}
    return bool(named) and named.isdisjoint(kinds)


NO_INPUT = Case(lambda s: not s.input, "it is for a MIDI input; name one: --input PORT")
CASES: Mapping[str, Case] = {
    "map": NO_INPUT,
    "answer": NO_INPUT,
    "thru": NO_INPUT,
    "absent": Case(
        lambda s: not s.out or _all_out_of(RETURNING, s),
        "no output is named that may come later; name one: --out port:NAME",
    ),
    "clock": Case(
        lambda s: s.clock == CHOICES["clock"][1] and _all_out_of(CLOCKED, s),
        "none of the outputs takes a clock; add --out port:NAME",
    ),
    "responsive": Case(
        lambda s: not _heard(s), "nothing can move a control; add --panel, --osc or --input"
    ),
    "walk": Case(
        lambda s: "/" not in s.style and not _heard(s),
        "--style names no walk; write one, as folk/jazz",
    ),
    "density": Case(
        lambda s: s.candidates == 1 and not _heard(s),
        "there is one candidate, and nothing to choose from; give --candidates 16",
    ),
    "osc_to": Case(lambda s: not s.osc, "nothing is heard by OSC; add --osc"),
    "recordings": Case(lambda s: not s.record, "nothing is recorded; leave --record 0 out"),
}
"""By the setting."""


def without_effect(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    """A line for each setting that is given and changes nothing."""
    for output in sorted({output for output in settings.out if settings.out.count(output) > 1}):
        yield f"--out {output}: has no effect twice: it is played to once"
    for name, case in CASES.items():
        if _given(settings, name) and case.idle(settings):
            yield f"--{name.replace('_', '-')}: has no effect: {case.why}"
    if voice.kind == AUDIO:
        return  # of which the other settings are told apart
    if _given(settings, "volume"):
        yield (
            f"--volume: has no effect: voice {voice.name} plays notes; it is for voices that make"
            " sound themselves"
        )
    idle = [part for part, number in named_parts(settings.channels) if number > _parts(voice)]
    if idle:
        yield (
            f"--channels: {', '.join(idle)} has no effect: voice {voice.name} has"
            f" {', '.join(_names(voice))}"
        )


def _given(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) != getattr(Settings(), name))


def _parts(voice: VoiceSpec) -> int:
    return len(_names(voice))


def _names(voice: VoiceSpec) -> tuple[str, ...]:
    """The parts that a voice plays."""
    if voice.kind == "chorale":
        return CHORALE
    if voice.kind == "chords_melody":
        return LEAD_SHEET[: len(voice.heads)]
    return ("one part: soprano, or melody",)
