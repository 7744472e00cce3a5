"""`perpetuum config`: show the configuration that applies, check a file, or document all keys."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from stream.commands.checks import check_controllers, check_style
from stream.commands.play import synthesizer_of
from stream.config.reference import page, shown
from stream.config.settings import Settings, load
from stream.config.unused_settings import without_effect
from stream.day.checking import checked_plan
from stream.errors import SettingsError
from stream.util.console import complain, say
from stream.voices.schema import AUDIO
from stream.voices.spec import VoiceSpec, find_voice, read_spec


def run(args: argparse.Namespace) -> int:
    """Show, check or document the configuration."""
    if args.config is not None and not args.show:
        raise SettingsError(
            f"--config {args.config}: applies to --show only; leave it out, or use"
            " --check FILE.toml"
        )
    if args.document:
        say(*page().splitlines())
    elif args.check is not None:
        check(args.check)
        say("ok")
    else:
        say(*shown(load(args.config, {})).splitlines())
    return 0


def check(config: Path) -> None:
    """Raise the `StreamError` that `play` would raise, without opening anything.

    Settings without effect are reported on standard error.
    """
    settings = load(config, {})
    path = find_voice(settings.voice)
    check_style(settings, path)
    voice = read_spec(path)
    check_kind = _check_sound if voice.kind == AUDIO else _check_notes
    for line in check_kind(settings, voice):
        complain(f"{config}: {line}")


def _check_sound(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    from stream.commands import sound
    from stream.play.audio.outputs import parse_outputs

    sound.check(settings)
    parse_outputs(settings.out)
    return sound.unused(settings, voice)


def _check_notes(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    _check_outputs(settings)
    check_controllers(settings)
    checked_plan(settings)
    return without_effect(settings, voice)


def _check_outputs(settings: Settings) -> None:
    from stream.play.sinks.spec import check_spec
    from stream.profiles.fit import opening
    from stream.profiles.profile import Profile

    opening(synthesizer_of(settings) or Profile(), settings.cc)
    for output in settings.out:
        check_spec(output)
