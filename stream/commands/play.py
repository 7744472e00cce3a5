"""`perpetuum play`: play the stream in real time."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stream.commands.checks import check_controllers, check_stats, check_style
from stream.config.settings import KEYS, Settings, load
from stream.config.unused_settings import without_effect
from stream.errors import SettingsError, SinkError
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import BAND_SECONDS
from stream.util.stop_signals import Stop, stop_signals
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice, read_spec

if TYPE_CHECKING:
    from stream.music.note import Controls
    from stream.play.observer import Observer
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.base import Sink
    from stream.play.sinks.router import Router
    from stream.play.view.keyboard import Keyboard
    from stream.profiles.profile import Profile

STDIN = 0
"""File descriptor of the terminal's keys, if standard input is a terminal."""


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings of flags and configuration file, with a random seed if none is given."""
    settings = load(args.config, {name: getattr(args, name, None) for name in KEYS})
    if settings.seed is None:
        settings = dataclasses.replace(settings, seed=random.SystemRandom().randrange(2**32))
    return settings


def run(args: argparse.Namespace) -> int:
    """Play until a signal or the requested end."""
    settings = settings_of(args)
    voice = find_voice(settings.voice)
    if kind_of(voice) == AUDIO:
        from stream.commands import sound

        return sound.play(settings, voice)
    with stop_signals() as stop:
        # Started before anything else is imported: the composer's start is the longer one.
        client = PhraseClient(composer_command(voice), patience=BAND_SECONDS)
        try:
            settings = check_style(settings, voice)
            check_controllers(settings)
            check_stats(settings)
            _play(settings, client, stop)
        finally:
            client.close()
    return 0


def session_of(settings: Settings) -> Session:
    """Return the settings of the performance. Raises `SettingsError`."""
    from stream.play.session import Session
    from stream.profiles.fit import opening
    from stream.profiles.profile import Profile

    profile = synthesizer_of(settings)
    return Session(
        seed=settings.seed or 0,
        controls=_controls(settings, profile),
        minutes=settings.minutes,
        responsive=settings.responsive,
        clock=settings.clock,
        profile=profile,
        opening=tuple(opening(profile or Profile(), settings.cc)),
        voice=settings.voice,
        stats=Path(settings.stats) if settings.stats else None,
    )


def _controls(settings: Settings, profile: Profile | None) -> Controls:
    """Return the controls; a synthesizer of one voice plays one line, whatever the ensemble."""
    from stream.ensembles.ensemble import SOLO

    is_single = profile is not None and profile.polyphony == 1
    controls = settings.controls
    return dataclasses.replace(controls, ensemble=SOLO) if is_single else controls


def synthesizer_of(settings: Settings) -> Profile | None:
    """Return the profile of the synthesizer; None: any, with each part on its own channel.

    Raises `SettingsError`.
    """
    from stream.profiles.profile import Profile, load

    profile = load(settings.profile) if settings.profile else None
    if not settings.part_channels:
        return profile
    return dataclasses.replace(profile or Profile(), parts=settings.part_channels)


def _play(settings: Settings, client: PhraseClient, stop: Stop) -> None:
    from stream.play.control.enabled import enabled_controllers
    from stream.play.control.hub import ControllerHub
    from stream.play.player import Participants, play

    session = session_of(settings)
    controllers = enabled_controllers(settings)
    playing, absent, why = _open(settings)
    with contextlib.ExitStack() as opened:  # closed again if the music cannot begin
        for sink in playing:
            opened.callback(sink.close)
        observer, keyboard = _observer(stop)
        observer.notice(f"seed {settings.seed}, voice {settings.voice}: {why}")
        for line in without_effect(settings, read_spec(find_voice(settings.voice))):
            observer.notice(line)
        outputs = _outputs(playing, absent, observer)
        opened.callback(outputs.close)
        recorder = _recorder(settings, session, observer)
        participants = Participants(
            observer, ControllerHub([each.start() for each in controllers], keyboard), recorder
        )
        opened.pop_all()
    play(client, outputs, session=session, participants=participants, stop=stop)


def _recorder(settings: Settings, session: Session, observer: Observer) -> Recorder | None:
    """Return the recorder of the last hours; None if recording is off or no folder is available."""
    if not settings.record:
        return None
    from stream.play.recording.default_folder import recordings_folder
    from stream.play.recording.format import header_of
    from stream.play.recording.recorder import Recorder

    try:
        folder = Path(settings.recordings) if settings.recordings else recordings_folder(os.environ)
    except SettingsError as error:
        observer.notice(str(error))
        return None
    header = header_of(session, find_voice(session.voice))
    kept = Path(settings.kept) if settings.kept else None
    return Recorder(folder, header, settings.record, kept)


def _open(settings: Settings) -> tuple[list[Sink], list[Sink], str]:
    """Return the open outputs, those still to be awaited, and a message about them.

    All are opened, or none: if one is refused, the others are closed again.
    """
    from stream.config.output_parts import together
    from stream.play.sinks.auto import auto_sinks
    from stream.play.sinks.spec import sink_of

    if not settings.out:
        found, why = auto_sinks()
        return list(found), [], why
    playing: list[Sink] = []
    absent: list[Sink] = []
    reasons: list[str] = []
    with contextlib.ExitStack() as opened:
        for output in dict.fromkeys(settings.out):
            sink = sink_of(output)
            same = next((other for other in (*playing, *absent) if other.fits(sink)), None)
            if same is not None:  # it was named before, perhaps in another spelling
                same.parts = together((same.parts, sink.parts))
                continue
            try:
                sink.connect()
            except SinkError as error:
                if settings.absent == "refuse" or not sink.may_return:
                    raise
                absent.append(sink)
                reasons.append(f"{sink.name} ({error})")
            else:
                playing.append(sink)
                opened.callback(sink.close)
        opened.pop_all()
    waiting = f"; awaiting {', '.join(reasons)}" if absent else ""
    return playing, absent, f"playing to {', '.join(settings.out)}{waiting}"


def _outputs(playing: list[Sink], absent: list[Sink], observer: Observer) -> Router:
    """Return the outputs, after ending the notes that a killed player left sounding."""
    from stream.play.sinks.active_notes import ActiveNotes, runtime_folder
    from stream.play.sinks.release_stuck import release_stuck_notes
    from stream.play.sinks.router import Router

    folder = runtime_folder()
    for notice in release_stuck_notes(folder, playing, absent):
        observer.notice(notice)
    lasting = [sink.name for sink in (*playing, *absent) if sink.outlives_player]
    active_notes = None
    if lasting:
        try:
            active_notes = ActiveNotes(folder, lasting)
        except OSError as error:
            observer.notice(f"{folder}: {error.strerror}; notes cannot be ended after a kill -9")
    return Router(playing, absent, active_notes)


def _observer(stop: Stop) -> tuple[Observer, Keyboard | None]:
    """Return the live view and its keys on a terminal, else the log."""
    from stream.play.view import terminal

    if terminal.suitable(sys.stdout.fileno()):
        from stream.play.view.keyboard import Keyboard
        from stream.play.view.live_view import LiveView

        screen = terminal.Terminal(sys.stdout.fileno(), STDIN)
        view = LiveView(screen)
        return view, Keyboard(view, screen, lambda: stop.request(signal.SIGINT, None))
    from stream.play.view.log import Log

    return Log(), None
