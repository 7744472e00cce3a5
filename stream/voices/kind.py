"""The kind of a voice, read before anything else: it decides which player is started."""

from __future__ import annotations

from pathlib import Path

from stream.errors import VoiceError
from stream.voices.spec import description, load_bytes


def kind_of(voice: Path) -> str:
    """Return the kind; empty if the file is not a voice, which `verify` explains."""
    try:
        document = description(load_bytes(voice))
    except (VoiceError, ValueError, LookupError):
        return ""
    return str(document.get("kind", ""))
