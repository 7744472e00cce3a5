"""The kind of a voice, before anything else is known of it: who is to play it hangs on that."""

from __future__ import annotations

from pathlib import Path

from stream.errors import VoiceError
from stream.voices.spec import description, load_bytes


def kind_of(voice: Path) -> str:
    """The kind; empty for what is no voice, of which `verify` tells more."""
    try:
        document = description(load_bytes(voice))
    except (VoiceError, ValueError, LookupError):
        return ""
    return str(document.get("kind", ""))
