"""`perpetuum play`: play the stream in real time."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stream.commands.checks import check_controllers, check_stats, check_style
from stream.config.bounds import ACCOMPANY
from stream.config.settings import KEYS, Settings, load
from stream.config.unused_settings import without_effect
from stream.errors import SettingsError
from stream.play.composer.phrase_client import PhraseClient
from stream.play.composer.process import composer_command
from stream.play.composer.timeouts import BAND_SECONDS
from stream.util.stop_signals import Stop, stop_signals
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice, read_spec

if TYPE_CHECKING:
    from stream.day.checking import Today
    from stream.music.note import Controls
    from stream.play.observer import Observer
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.profiles.profile import Profile
    from stream.taste.terms import Taste


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
    today = _today(settings)
    voice = find_voice(today.settings.voice)
    with stop_signals() as stop:
        # Started before anything else is imported: the composer's start is the longer one.
        client = PhraseClient(composer_command(voice), patience=BAND_SECONDS)
        try:
            today = dataclasses.replace(today, settings=check_style(today.settings, voice))
            check_controllers(settings)
            check_stats(settings)
            _play(today, client, stop)
        finally:
            client.close()
    return 0


def _today(settings: Settings) -> Today:
    """Return the settings of today; only a plan of the day needs its modules."""
    from stream.day.checking import Today, today

    return today(settings) if settings.day or settings.place else Today(settings, settings)


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
        behind=int(settings.answer == ACCOMPANY and bool(settings.input)),
        clock=settings.clock,
        profile=profile,
        opening=tuple(opening(profile or Profile(), settings.cc)),
        voice=settings.voice,
        stats=Path(settings.stats) if settings.stats else None,
        fade=settings.fade,
        fade_in=settings.fade_in,
        every=settings.every,
        taste=taste_of(settings),
    )


def taste_of(settings: Settings) -> Taste:
    """Return the taste that was learned from the stars of the kept tunes; none without a folder."""
    from stream.kept import tastes
    from stream.taste.terms import Taste

    folder = kept_folder(settings)
    return tastes.read(folder) if folder else Taste()


def kept_folder(settings: Settings) -> Path | None:
    """Return the folder of the kept tunes; None without a home folder."""
    from stream.play.recording.default_folder import recordings_folder
    from stream.play.recording.recorder import KEPT

    if settings.kept:
        return Path(settings.kept)
    try:
        folder = Path(settings.recordings) if settings.recordings else recordings_folder(os.environ)
    except SettingsError:
        return None
    return folder.parent / KEPT


def _with_day(session: Session, today: Today) -> Session:
    """Return the session with its plan of the day; a synthesizer of one voice keeps its line."""
    if today.plan is None:
        return session
    configured = _controls(today.usual, session.profile)
    is_single = session.profile is not None and session.profile.polyphony == 1
    plan = today.plan.without("ensemble") if is_single else today.plan
    return dataclasses.replace(
        session, plan=plan, configured=configured, usual_voice=today.usual.voice
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


def _play(today: Today, client: PhraseClient, stop: Stop) -> None:
    from stream.play.control.enabled import enabled_controllers
    from stream.play.control.hub import ControllerHub
    from stream.play.player import Participants, play
    from stream.play.sinks.opening import open_outputs, router_of
    from stream.play.view.terminal_or_log import observer_of

    settings = today.settings
    session = _with_day(session_of(settings), today)
    controllers = enabled_controllers(settings)
    playing, absent, why = open_outputs(settings)
    with contextlib.ExitStack() as opened:  # closed again if the music cannot begin
        for sink in playing:
            opened.callback(sink.close)
        observer, keyboard = observer_of(sys.stdout.fileno(), stop)
        observer.notice(f"seed {settings.seed}, voice {settings.voice}: {why}")
        for line in (*filter(None, (sink.greeting for sink in playing)), *_unused(settings)):
            observer.notice(line)
        outputs = router_of(playing, absent, observer)
        opened.callback(outputs.close)
        recorder = _recorder(settings, session, observer)
        participants = Participants(
            observer, ControllerHub([each.start() for each in controllers], keyboard), recorder
        )
        opened.pop_all()
    play(client, outputs, session=session, participants=participants, stop=stop)


def _unused(settings: Settings) -> list[str]:
    """Return a line for each setting that has no effect."""
    return list(without_effect(settings, read_spec(find_voice(settings.voice))))


def _recorder(settings: Settings, session: Session, observer: Observer) -> Recorder | None:
    """Return the recorder of the last hours; None if recording is off or no folder is available."""
    if not settings.record:
        return None
    from stream.play.recording.default_folder import recordings_folder
    from stream.play.recording.header import header_of
    from stream.play.recording.recorder import Recorder

    try:
        folder = Path(settings.recordings) if settings.recordings else recordings_folder(os.environ)
    except SettingsError as error:
        observer.notice(str(error))
        return None
    header = header_of(session, find_voice(session.voice))
    kept = Path(settings.kept) if settings.kept else None
    return Recorder(folder, header, settings.record, kept)
