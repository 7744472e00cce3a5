"""`perpetuum play` and `render` with a voice that makes sound itself."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream.commands.checks import check_style
from stream.config.settings import Settings
from stream.config.unused_settings import without_effect
from stream.errors import SettingsError, SinkError
from stream.music.audio_chunk import AudioControls
from stream.play.audio.chunk_position import ChunkPosition
from stream.play.audio.client import AudioClient
from stream.play.composer.process import composer_command
from stream.util.console import complain, say
from stream.util.stop_signals import stop_signals
from stream.voices.spec import find_voice, read_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.play.audio.log import AudioLog
    from stream.play.audio.outputs import AudioDevice
    from stream.voices.spec import VoiceSpec

HEEDED = frozenset(
    ("voice", "out", "absent", "seed", "style", "walk", "temperature", "volume", "minutes", "stats")
)
"""Settings that mean something to sound."""
SILENT = frozenset(("record", "recordings"))
"""Settings of what only notes have, and that nobody need be told of."""
REFUSED = ("panel", "osc", "input")
"""Hands that would have nothing to move."""


def play(settings: Settings, voice: Path) -> int:
    """Play until a signal or the wished end."""
    from stream.play.audio.outputs import AudioOutputs, parse_outputs
    from stream.play.audio.pcm_queue import PcmQueue
    from stream.play.audio.player import (
        LOOKAHEAD_SECONDS,
        PREFILL_SECONDS,
        AudioIO,
        AudioPlayer,
        perform,
    )
    from stream.play.audio.wave_file import WaveFile

    check(settings)
    with stop_signals() as stop:
        # Started before anything else is imported: the composer's start is the longer one.
        link = AudioClient(composer_command(voice))
        try:
            taker, paths = parse_outputs(settings.out)
            programme, absent = _connected(_programme(settings, voice), taker, settings)
            queue = PcmQueue(programme.rate, PREFILL_SECONDS, LOOKAHEAD_SECONDS)
            files = [WaveFile(path, programme.rate) for path in paths]
            outputs = AudioOutputs(taker, files, queue)
            log = _log()
            _greet(settings, log, taker.name, absent)
            for path, file in zip(paths, files, strict=True):
                if file.path.name != path.name and path.is_file():
                    log.notice(f"{path} is there already and stays; {file.path} is written")
            if absent:
                outputs.wait()
            concert = AudioPlayer(link, programme, queue, outputs, log)
            stats = Path(settings.stats) if settings.stats else None
            perform(concert, AudioIO(link, queue, outputs, stop, stats))
        finally:
            link.close()
    return 0


def render(settings: Settings, voice: Path, path: Path, *, as_json: bool) -> int:
    """Write `--minutes` of the stream to a WAV file."""
    from stream.play.audio.render import render as rendered
    from stream.play.audio.wave_file import WaveFile

    check(settings)
    if path.suffix.lower() != ".wav":
        raise SettingsError(f"render {path}: this voice makes sound, no notes; name it OUT.wav")
    programme = _programme(settings, voice)
    with stop_signals() as stop:
        file = WaveFile(path, programme.rate)
        stats = rendered(AudioClient(composer_command(voice)), programme, file, stop)
    if as_json:
        facts: dict[str, Any] = {
            "file": str(file.path),
            "seed": settings.seed,
            **stats.to_document(),
        }
        say(json.dumps(facts))
    else:
        say(f"{file.path}: {stats.tunes} tunes, {stats.seconds:.1f} s, seed {settings.seed}")
    for line in idle(settings, read_spec(voice)):
        complain(line)
    return 0


def check(settings: Settings) -> None:
    """Raise `SettingsError` for a hand that would have nothing to move."""
    for name in REFUSED:
        if getattr(settings, name):
            raise SettingsError(
                f"--{name}: a voice that makes sound can not be moved while it plays, only a voice"
                f" of notes; leave --{name} out, or give another --voice"
            )


def _programme(settings: Settings, voice: Path) -> ChunkPosition:
    """The stream at the voice's own rate. Raises `SettingsError`, `VoiceError`."""
    settings = check_style(settings, voice)
    audio = read_spec(voice).audio
    if audio is None:
        raise SettingsError(f"--voice {settings.voice}: makes no sound of its own")
    controls = settings.controls
    wishes = AudioControls(controls.style, controls.walk, controls.temperature, settings.volume)
    frames = _frames(settings, audio.rate)
    return ChunkPosition(settings.seed or 0, wishes, audio, audio.rate, frames)


def _connected(
    programme: ChunkPosition, taker: AudioDevice, settings: Settings
) -> tuple[ChunkPosition, str]:
    """The stream at the rate of what takes it, and why that is still to be awaited, if it is."""
    from stream.play.audio.sound_card import awaited_rate, rates_for

    rates = rates_for(programme.audio.rate)
    try:
        rate, absent = taker.connect(rates), ""
    except SinkError as error:
        if settings.absent == "refuse" or not taker.may_return:
            raise
        rate, absent = awaited_rate(programme.audio.rate), str(error)
    frames = _frames(settings, rate)
    return dataclasses.replace(programme, rate=rate, frames=frames), absent


def _frames(settings: Settings, rate: int) -> int | None:
    """Of all that is wished for, at `rate` a second; None: it has no end."""
    return None if settings.minutes is None else round(60 * settings.minutes * rate)


def _greet(settings: Settings, log: AudioLog, name: str, absent: str) -> None:
    where = (
        f"awaiting {name} ({absent})" if absent else f"playing to {', '.join(settings.out) or name}"
    )
    log.notice(f"seed {settings.seed}, voice {settings.voice}: {where}")
    for line in idle(settings, read_spec(find_voice(settings.voice))):
        log.notice(line)


def idle(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    """A line for each setting that was given in vain."""
    plain, ignored = Settings(), _ignored(settings)
    for name in ignored:
        yield f"{name}: means nothing to a voice that makes sound"
    heeded = dataclasses.replace(settings, **{name: getattr(plain, name) for name in ignored})
    yield from without_effect(heeded, voice)


def _ignored(settings: Settings) -> list[str]:
    """Names of settings that mean nothing here."""
    plain = Settings()
    names = {field.name for field in dataclasses.fields(Settings)} - HEEDED - SILENT
    return sorted(name for name in names if getattr(settings, name) != getattr(plain, name))


def _log() -> AudioLog:
    """A meter on a terminal, else the log."""
    from stream.play.audio.log import AudioLog, Meter
    from stream.play.view import terminal

    return Meter() if terminal.suitable(sys.stdout.fileno()) else AudioLog()
