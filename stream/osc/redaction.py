"""Removal of folders from texts for OSC, since anyone in the network may listen."""

from __future__ import annotations

import re
from pathlib import PurePath

FOLDERS = re.compile(
    r"(?<![\w./\]~])(?:~\w*/|/(?!/|dev/)(?=[^/]*/))(?:(?:(?![;:] |' ).)*/)?", re.DOTALL
)
"""Folders of a path in a text, unless the path is a URL or a device.

Names of folders may contain any characters, even blanks: the match extends to the last slash in a
part of the sentence.
"""
FILES = ("file", "fluidsynth")
"""Kinds of outputs that name a file."""


def without_folders(text: str) -> str:
    """Return the text with only the name of each file that it mentions."""
    return FOLDERS.sub("", text)


def without_folder(output: str) -> str:
    """Return the specification of an output, with only the name of its file."""
    kind, colon, rest = output.partition(":")
    return f"{kind}:{PurePath(rest).name}" if colon and kind in FILES else output
