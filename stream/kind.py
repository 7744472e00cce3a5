"""The kind of a voice, before anything else is known of it: who is to play it hangs on that."""

from __future__ import annotations

from pathlib import Path

from stream.checked import parsed
from stream.errors import VoiceError
from stream.protobuf import find_property
from stream.voice import KEY, load_bytes


def kind_of(voice: Path) -> str:
    """The kind; empty for what is no voice, of which `verify` tells more."""
    try:
        document = parsed(find_property(load_bytes(voice), KEY)[1])
    except (VoiceError, ValueError, LookupError):
        return ""
    return str(document.get("kind", ""))
