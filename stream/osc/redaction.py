"""What is kept from those who hear OSC: where files lie. Anybody in the network may listen."""

from __future__ import annotations

import re
from pathlib import PurePath

FOLDERS = re.compile(
    r"(?<![\w./\]~])(?:~\w*/|/(?!/|dev/)(?=[^/]*/))(?:(?:(?![;:] |' ).)*/)?", re.DOTALL
)
"""The folders of a path in a text; no URL, and no device.

They may have any letters, blanks too: all is taken up to the last slash in a part of the sentence.
"""
FILES = ("file", "fluidsynth")
"""Outputs that name a file."""


def without_folders(text: str) -> str:
    """The text with the mere name of each file that it mentions."""
    return FOLDERS.sub("", text)


def named(output: str) -> str:
    """An output as it is told: a file by its mere name."""
    kind, colon, rest = output.partition(":")
    return f"{kind}:{PurePath(rest).name}" if colon and kind in FILES else output
