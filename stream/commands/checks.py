"""What is checked before any sound, so that a mistake is told at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from stream.blend import known_style, written
from stream.settings import Settings
from stream.voice import read_spec


def check_style(settings: Settings, voice: Path) -> Settings:
    """The settings with the styles' names as the voice has them.

    Raises `SettingsError` for a style the voice lacks, `VoiceError` for a voice that is none.
    """
    style = settings.controls.style
    styles = read_spec(voice).styles
    named = known_style(style, styles, f"--style {{name}}: voice {_plain(settings.voice)} has")
    return settings if named == style else dataclasses.replace(settings, style=written(named))


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
