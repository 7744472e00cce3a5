"""What is checked before any sound, so that a mistake is told at once."""

from __future__ import annotations

from pathlib import Path

from stream.errors import SettingsError
from stream.settings import Settings
from stream.voice import read_spec


def check_clock(settings: Settings) -> None:
    """Raise `SettingsError` for a clock that is to be followed, but comes from nowhere."""
    if settings.clock == "follow" and not settings.input:
        raise SettingsError(
            "--clock follow: there is no input to follow; name the MIDI port or line from which"
            " the clock comes with --input, such as --input port:NAME"
        )


def check_style(settings: Settings, voice: Path) -> None:
    """Raise `SettingsError` for a style the voice lacks, `VoiceError` for a voice that is none."""
    styles = read_spec(voice).styles
    for name in sorted({name for blend in settings.controls.style for name, _ in blend}):
        if name not in styles:
            raise SettingsError(
                f"--style {name}: voice {settings.voice} has {', '.join(sorted(styles))}"
            )


def check_new(origin: str, path: Path) -> None:
    """Raise `SettingsError` where a file is there already: none is replaced.

    `origin` is how the file was given, a command or a flag.
    """
    if path.is_file():
        raise SettingsError(
            f"{origin} {path}: is there already, and is not replaced; name another file, or move"
            " that one away"
        )
