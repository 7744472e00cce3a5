"""`perpetuum play` and `render` with a voice that generates sound."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream.commands.checks import check_style
from stream.config.settings import KEYS, Settings
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

SUPPORTED = frozenset(
    (
        *("voice", "out", "absent", "seed", "style", "walk", "temperature", "volume", "gain"),
        *("minutes", "stats", "fade", "fade_in"),
    )
)
"""Settings that apply to sound."""
UNREPORTED = frozenset(("record", "recordings", "kept"))
"""Settings for notes only that have defaults and are ignored without a notice."""
REFUSED = ("panel", "osc", "input")
"""Settings of controllers, which cannot control a voice that generates sound."""
FOR_NOTES = ("radio",)
"""Settings of outputs that play notes."""


def play(settings: Settings, voice: Path) -> int:
    """Play until a signal or the requested end."""
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
        client = AudioClient(composer_command(voice))
        try:
            device, paths = parse_outputs(settings.out)
            position, absent = _connected(_position(settings, voice), device, settings)
            queue = PcmQueue(position.rate, PREFILL_SECONDS, LOOKAHEAD_SECONDS)
            files = [WaveFile(path, position.rate) for path in paths]
            outputs = AudioOutputs(device, files, queue)
            log = _log()
            _announce(settings, log, device.name, absent)
            for path, file in zip(paths, files, strict=True):
                if file.path.name != path.name and path.is_file():
                    log.notice(f"{path} already exists and stays; writing {file.path}")
            if absent:
                outputs.wait()
            player = AudioPlayer(client, position, queue, outputs, log)
            stats = Path(settings.stats) if settings.stats else None
            perform(player, AudioIO(client, queue, outputs, stop, stats))
        finally:
            client.close()
    return 0


def render(settings: Settings, voice: Path, path: Path, *, as_json: bool) -> int:
    """Write `--minutes` of the stream to a WAV file."""
    from stream.play.audio.render import render as rendered
    from stream.play.audio.wave_file import WaveFile

    check(settings)
    if path.suffix.lower() != ".wav":
        raise SettingsError(
            f"render {path}: this voice generates sound, not notes; name the file OUT.wav"
        )
    position = _position(settings, voice)
    with stop_signals() as stop:
        file = WaveFile(path, position.rate)
        stats = rendered(AudioClient(composer_command(voice)), position, file, stop)
    if as_json:
        facts: dict[str, Any] = {
            "file": str(file.path),
            "seed": settings.seed,
            **stats.to_document(),
        }
        say(json.dumps(facts))
    else:
        say(f"{file.path}: {stats.tunes} tunes, {stats.seconds:.1f} s, seed {settings.seed}")
    for line in unused(settings, read_spec(voice)):
        complain(line)
    return 0


def check(settings: Settings) -> None:
    """Raise `SettingsError` for a controller, which cannot control a voice that generates sound."""
    if settings.day:
        raise SettingsError(
            "day: a voice that generates sound cannot be changed while it plays; remove [[day]], or"
            " give another --voice"
        )
    for name in REFUSED:
        if getattr(settings, name):
            raise SettingsError(
                f"--{name}: a voice that generates sound cannot be controlled while it plays, only"
                f" a voice of notes; leave --{name} out, or give another --voice"
            )
    for name in FOR_NOTES:
        if getattr(settings, name):
            raise SettingsError(
                f"--{name}: this voice generates sound, and the radio plays notes; leave --{name}"
                " out, or give another --voice"
            )


def _position(settings: Settings, voice: Path) -> ChunkPosition:
    """Return the beginning of the stream at the voice's own rate.

    Raises `SettingsError`, `VoiceError`.
    """
    settings = check_style(settings, voice)
    audio = read_spec(voice).audio
    if audio is None:
        raise SettingsError(
            f"--voice {settings.voice}: the voice generates no sound; give a voice of kind audio"
        )
    controls = settings.controls
    volume = settings.volume * settings.gain
    requested = AudioControls(controls.style, controls.walk, controls.temperature, volume)
    frames = _frames(settings, audio.rate)
    position = ChunkPosition(settings.seed or 0, requested, audio, audio.rate, frames)
    return dataclasses.replace(position, fade_in=settings.fade_in, fade_out=settings.fade or 0.0)


def _connected(
    position: ChunkPosition, device: AudioDevice, settings: Settings
) -> tuple[ChunkPosition, str]:
    """Return the stream at the device's rate, and why the device is absent, if it is."""
    from stream.play.audio.sound_card import awaited_rate, rates_for

    rates = rates_for(position.audio.rate)
    try:
        rate, absent = device.connect(rates), ""
    except SinkError as error:
        if settings.absent == "refuse" or not device.may_return:
            raise
        rate, absent = awaited_rate(position.audio.rate), str(error)
    frames = _frames(settings, rate)
    return dataclasses.replace(position, rate=rate, frames=frames), absent


def _frames(settings: Settings, rate: int) -> int | None:
    """Return the number of frames requested, at `rate` a second; None: no end."""
    return None if settings.minutes is None else round(60 * settings.minutes * rate)


def _announce(settings: Settings, log: AudioLog, name: str, absent: str) -> None:
    where = (
        f"awaiting {name} ({absent})" if absent else f"playing to {', '.join(settings.out) or name}"
    )
    log.notice(f"seed {settings.seed}, voice {settings.voice}: {where}")
    for line in unused(settings, read_spec(find_voice(settings.voice))):
        log.notice(line)


def unused(settings: Settings, voice: VoiceSpec) -> Iterator[str]:
    """Yield a line for each setting that has no effect."""
    plain, ignored = Settings(), _ignored(settings)
    for name in ignored:
        yield f"{name}: has no effect on a voice that generates sound"
    supported = dataclasses.replace(settings, **{name: getattr(plain, name) for name in ignored})
    yield from without_effect(supported, voice)


def _ignored(settings: Settings) -> list[str]:
    """Return the names of settings that do not apply to sound."""
    plain = Settings()
    names = sorted({*KEYS} - SUPPORTED - UNREPORTED)
    return [name for name in names if getattr(settings, name) != getattr(plain, name)]


def _log() -> AudioLog:
    """Return a meter on a terminal, else the log."""
    from stream.play.audio.log import AudioLog, Meter
    from stream.play.view import terminal

    return Meter() if terminal.suitable(sys.stdout.fileno()) else AudioLog()
