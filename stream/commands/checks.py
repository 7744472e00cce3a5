"""What is checked before any sound, so that a mistake is told at once."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from stream.config.settings import Settings
from stream.config.style_syntax import known_style, written
from stream.errors import SettingsError
from stream.util.address import address_of
from stream.voices.spec import read_spec


def check_clock(settings: Settings) -> None:
    """Raise `SettingsError` for a clock that is to be followed, but comes from nowhere."""
    if settings.clock == "follow" and not settings.input:
        raise SettingsError(
            "--clock follow: there is no input to follow; name the MIDI port or line from which"
            " the clock comes with --input, such as --input port:NAME"
        )


def check_style(settings: Settings, voice: Path) -> Settings:
    """The settings with the styles' names as the voice has them.

    Raises `SettingsError` for a style the voice lacks, `VoiceError` for a voice that is none.
    """
    style = settings.controls.style
    styles = read_spec(voice).styles
    named = known_style(style, styles, f"--style {{name}}: voice {_plain(settings.voice)} has")
    return settings if named == style else dataclasses.replace(settings, style=written(named))


def check_new(origin: str, path: Path) -> None:
    """Raise `SettingsError` where a file is there already: none is replaced.

    `origin` is how the file was given, a command or a flag.
    """
    # Where one may not look, or the name is too long, it can not be written either: told there.
    if os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises then)
        raise SettingsError(
            f"{origin} {path}: is there already, and is not replaced; name another file, or move"
            " that one away"
        )


def check_stats(settings: Settings) -> None:
    """Raise `SettingsError` where the counters can not be written: not after the first phrase."""
    if not settings.stats:
        return
    from stream.play.stats import Stats

    try:
        Stats().write(Path(settings.stats))
    except OSError as error:
        raise SettingsError(
            f"--stats {settings.stats}: can not be written ({error.strerror});"
            " name a file in a folder that exists and that you may write to",
        ) from error


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def check_hands(settings: Settings) -> None:
    """Raise `SettingsError` for what a hand could not be served with. Nothing is opened."""
    check_clock(settings)
    if settings.panel:
        address_of(settings.panel, "--panel")
    if settings.osc:
        address_of(settings.osc, "--osc")
    if settings.osc_to:
        from stream.control.trusted_hosts import Hosts

        Hosts.of(settings.osc_to, "--osc-to")
    if settings.input:
        from stream.midi_in.spec import source_of

        source_of(settings.input)
    if settings.map:
        from stream.midi_in.mapping import load

        load(Path(settings.map))
