"""Settings that have no effect together with the others, reported at the start as mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stream.config.bounds import CHOICES
from stream.config.part_channels import CHORALE, LEAD_SHEET, named_parts
from stream.config.settings import Settings
from stream.profiles.profile import load as load_profile
from stream.util.address import address_of
from stream.voices.schema import AUDIO
from stream.voices.spec import VoiceSpec

CLOCKED = ("port", "virtual", "serial", "osc")
"""Kinds of outputs that receive a MIDI clock."""
RETURNING = (*CLOCKED, "fluidsynth", "radio", "audio")
"""Kinds of outputs that may become available later."""


class Case(NamedTuple):
    """Condition under which a setting has no effect, and the message for it."""

    idle: Callable[[Settings], bool]
    why: str


def _controllable(settings: Settings) -> bool:
    """Return whether a controller process can change controls."""
    return bool(settings.panel or settings.osc or settings.input or settings.mqtt)


def _all_out_of(kinds: tuple[str, ...], settings: Settings) -> bool:
    """Return whether outputs are given, but no output of these kinds."""
    named = {output.partition(":")[0].partition("=")[0] for output in settings.out}
    return bool(named) and named.isdisjoint(kinds)


def _unreachable(settings: Settings) -> bool:
    """Return whether neither panel nor OSC is open to other machines."""
    served = [address for address in (settings.panel, settings.osc) if address]
    return all(address_of(address, "").loopback for address in served)


NO_BROKER = Case(lambda s: not s.mqtt, "no broker is given; add --mqtt HOST")
NO_INPUT = Case(lambda s: not s.input, "it is for a MIDI input; add --input PORT")
CASES: Mapping[str, Case] = {
    "map": NO_INPUT,
    "answer": NO_INPUT,
    "thru": NO_INPUT,
    "absent": Case(
        lambda s: not s.out or _all_out_of(RETURNING, s),
        "no output can become available later; add --out port:NAME",
    ),
    "clock": Case(
        lambda s: s.clock == CHOICES["clock"][1] and _all_out_of(CLOCKED, s),
        "none of the outputs receives a clock; add --out port:NAME",
    ),
    "responsive": Case(
        lambda s: not _controllable(s),
        "nothing can change a control; add --panel, --osc or --input",
    ),
    "walk": Case(
        lambda s: "/" not in s.style and not _controllable(s),
        "--style is not a walk; write one such as folk/jazz",
    ),
    "density": Case(
        lambda s: s.candidates == 1 and not _controllable(s),
        "there is only one candidate to choose from; give --candidates 16",
    ),
    "ensemble": Case(
        lambda s: bool(s.profile) and load_profile(s.profile).polyphony == 1,
        "the synthesizer has one voice, which plays the lead; leave out --ensemble or --profile",
    ),
    "osc_to": Case(lambda s: not s.osc, "OSC is off; add --osc"),
    "mqtt_credentials": NO_BROKER,
    "mqtt_tls": NO_BROKER,
    "mqtt_ca": Case(
        lambda s: not (s.mqtt and s.mqtt_tls), "the connection is not encrypted; add --mqtt-tls"
    ),
    "mdns": Case(_unreachable, "no other machine reaches panel or OSC; add --panel 0.0.0.0:8765"),
    "name": Case(lambda s: not (s.mqtt or s.mdns), "it is for --mqtt and --mdns; add one of them"),
    "pairing_code": Case(
        lambda s: not s.panel or address_of(s.panel, "").loopback,
        "the panel pairs no browsers; add --panel 0.0.0.0:8765",
    ),
    "recordings": Case(lambda s: not s.record, "nothing is recorded; remove --record 0"),
    "kept": Case(lambda s: not s.record, "nothing is recorded; remove --record 0"),
}
"""Case of each setting."""


def without_effect(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    """Yield a line for each setting that is given and has no effect."""
    for output in sorted({output for output in settings.out if settings.out.count(output) > 1}):
        yield f"--out {output}: given more than once; the repetition has no effect"
    for name, case in CASES.items():
        if _given(settings, name) and case.idle(settings):
            yield f"--{name.replace('_', '-')}: has no effect: {case.why}"
    if voice.kind == AUDIO:
        return  # `stream.commands.sound` reports the other settings
    if _given(settings, "gain"):
        yield (
            f"--gain: has no effect: voice {voice.name} plays notes; gain is for voices that make"
            " sound themselves; for notes, give --volume"
        )
    yield from _half_a_memory(settings, voice)
    idle = [part for part, number in named_parts(settings.channels) if number > _parts(voice)]
    if idle:
        yield (
            f"--channels: {', '.join(idle)} has no effect: the parts of voice {voice.name} are"
            f" {', '.join(_names(voice))}"
        )


def _half_a_memory(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    """Yield a line for a memory of one kind alone, if bars of the voice only return whole."""
    memories = ("pitch_memory", "rhythm_memory")
    given = [name for name in memories if getattr(settings, name)]
    if voice.kind == "melody" or len(given) != 1 or _controllable(settings):
        return
    flag, other = sorted(
        ("--" + name.replace("_", "-") for name in memories), key=lambda f: f[2:3] != given[0][0]
    )
    yield f"{flag}: has no effect: bars of voice {voice.name} return whole; give {other} too"


def _given(settings: Settings, name: str) -> bool:
    return bool(getattr(settings, name) != getattr(Settings(), name))


def _parts(voice: VoiceSpec) -> int:
    return len(_names(voice))


def _names(voice: VoiceSpec) -> tuple[str, ...]:
    """Return the parts that a voice plays."""
    if voice.kind == "chorale":
        return CHORALE
    if voice.kind == "chords_melody":
        return LEAD_SHEET[: len(voice.heads)]
    return ("soprano or melody",)
