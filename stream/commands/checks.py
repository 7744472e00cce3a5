"""Checks before any sound, so that a mistake is reported at once."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from stream.config.settings import Settings
from stream.config.style_syntax import known_style, written
from stream.errors import SettingsError
from stream.own_styles.library import read_styled
from stream.util.address import address_of


def check_clock(settings: Settings) -> None:
    """Raise `SettingsError` if a clock is to be followed, but no input is given."""
    if settings.clock == "follow" and not settings.input:
        raise SettingsError(
            "--clock follow: no input is given; name the MIDI port or line that sends the clock,"
            " such as --input port:NAME"
        )


def check_style(settings: Settings, voice: Path) -> Settings:
    """Return the settings with the names of styles as the voice spells them.

    Raises `SettingsError` for a style the voice lacks, `VoiceError` for an invalid voice.
    """
    style = settings.controls.style
    styles = read_styled(voice).styles
    named = known_style(style, styles, f"--style {{name}}: voice {_plain(settings.voice)} has")
    return settings if named == style else dataclasses.replace(settings, style=written(named))


def check_new(origin: str, path: Path) -> None:
    """Raise `SettingsError` if a file exists already, because no file is replaced.

    `origin` is the command or the flag that named the file.
    """
    # A folder that may not be read, or a name that is too long, is reported when it is written.
    if os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises then)
        raise SettingsError(
            f"{origin} {path}: already exists, and is not replaced; name another file, or move"
            " this one away"
        )


def check_stats(settings: Settings) -> None:
    """Raise `SettingsError` now, not after the first phrase, if the counters cannot be written."""
    if not settings.stats:
        return
    from stream.play.stats import Stats

    try:
        Stats().write(Path(settings.stats))
    except OSError as error:
        raise SettingsError(
            f"--stats {settings.stats}: cannot be written ({error.strerror});"
            " name a file in a folder that exists and that you may write to",
        ) from error


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def check_controllers(settings: Settings) -> None:
    """Raise `SettingsError` for invalid settings of controllers, without opening any."""
    check_clock(settings)
    if settings.panel:
        address_of(settings.panel, "--panel")
    if settings.radio:
        address_of(settings.radio, "--radio")
    if settings.osc:
        address_of(settings.osc, "--osc")
    if settings.osc_to:
        from stream.control.trusted_hosts import Hosts

        Hosts.of(settings.osc_to, "--osc-to")
    if settings.mqtt:
        from stream.home.options import broker_address

        broker_address(settings.mqtt, tls=settings.mqtt_tls)
    if settings.input:
        from stream.midi_in.spec import source_of

        source_of(settings.input)
    if settings.map:
        from stream.midi_in.mapping import load

        load(Path(settings.map))
