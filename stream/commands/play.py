"""`perpetuum play`: the stream in real time."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stream.commands.checks import check_style
from stream.play.composer_link import ComposerLink, composer_command
from stream.play.signals import Stop, stop_signals
from stream.settings import Settings, load
from stream.voice import find_voice

if TYPE_CHECKING:
    from stream.play.observer import Observer
    from stream.play.sinks.base import Sink

FLAGS = (
    "voice", "out", "seed", "bpm", "style", "temperature", "top_p", "candidates", "minutes",
    "stats",
)  # fmt: skip


def settings_of(args: argparse.Namespace) -> Settings:
    """Settings from the flags and the configuration file; the seed is drawn if none is given."""
    settings = load(args.config, {name: getattr(args, name, None) for name in FLAGS})
    if settings.seed is None:
        settings = dataclasses.replace(settings, seed=random.SystemRandom().randrange(2**32))
    return settings


def run(args: argparse.Namespace) -> int:
    """Play until a signal or the wished end."""
    settings = settings_of(args)
    voice = find_voice(settings.voice)
    with stop_signals() as stop:
        # Started before anything else is imported: the composer's start is the longer one.
        link = ComposerLink(composer_command(voice))
        try:
            check_style(settings, voice)
            _play(settings, link, stop)
        finally:
            link.close()
    return 0


def _play(settings: Settings, link: ComposerLink, stop: Stop) -> None:
    from stream.play.player import play
    from stream.play.session import Session
    from stream.play.sinks.auto import auto_sinks

    seed = settings.seed or 0
    session = Session(
        seed=seed,
        controls=settings.controls,
        minutes=settings.minutes,
        stats=Path(settings.stats) if settings.stats else None,
    )
    sinks, why = _open(settings.out) if settings.out else auto_sinks()
    observer = _observer()
    observer.notice(f"seed {seed}, voice {settings.voice}: {why}")
    play(link, sinks, session=session, observer=observer, stop=stop)


def _open(outputs: Sequence[str]) -> tuple[tuple[Sink, ...], str]:
    """All outputs, or none: where one can not be opened the others are closed again."""
    from stream.play.sinks.spec import open_sink

    with contextlib.ExitStack() as opened:
        sinks = []
        for output in outputs:
            sinks.append(open_sink(output))
            opened.callback(sinks[-1].close)
        opened.pop_all()
    return tuple(sinks), f"playing to {', '.join(outputs)}"


def _observer() -> Observer:
    """The live view on a terminal, else the log."""
    from stream.play import terminal

    if terminal.suitable(sys.stdout.fileno()):
        from stream.play.view import LiveView

        return LiveView(terminal.Terminal(sys.stdout.fileno()))
    from stream.play.log import Log

    return Log()
