"""`perpetuum config`: the configuration that applies, whether a file is right, every key."""

from __future__ import annotations

import argparse
from pathlib import Path

from stream.address import address_of
from stream.commands.checks import check_style
from stream.commands.play import synthesizer_of
from stream.console import say
from stream.reference import page, shown
from stream.settings import Settings, load
from stream.voice import find_voice


def run(args: argparse.Namespace) -> int:
    """Show, check or document."""
    if args.document:
        say(*page().splitlines())
    elif args.check is not None:
        check(args.check)
        say("ok")
    else:
        say(*shown(load(args.config, {})).splitlines())
    return 0


def check(config: Path) -> None:
    """Raise the `StreamError` that `play` would, before anything is opened."""
    settings = load(config, {})
    check_style(settings, find_voice(settings.voice))
    _check_outputs(settings)
    if settings.osc:
        address_of(settings.osc, "osc")


def _check_outputs(settings: Settings) -> None:
    from stream.play.instrument import opening
    from stream.play.sinks.spec import check_spec
    from stream.profile import Profile

    opening(synthesizer_of(settings) or Profile(), settings.cc)
    for output in settings.out:
        check_spec(output)
