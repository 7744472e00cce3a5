"""The keys of the live view, and the bytes that a terminal sends for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from stream.play.control.command_schema import COMMANDS

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)|\x1b.?", re.DOTALL)
"""Escape sequence of a key without a letter, such as an arrow, or of a letter with Alt."""
_INCOMPLETE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)\Z")


class Key(NamedTuple):
    """A key with its name, what it does in a word, and what it does in a sentence."""

    char: str
    name: str
    word: str
    text: str


PAUSE = Key(" ", "space", "pause", "pause the music, and let it go on")
NEXT = Key("n", "n", "next", "begin the next tune")
KEEP = Key("k", "k", "keep", "keep this tune, whole")
STARS = Key("12345", "1-5", "stars", "rate this tune, from one star to five")
DETAILS = Key("d", "d", "details", "show by which rules a phrase was chosen, and counters")
HELP = Key("?", "?", "help", "show this page, or the music again")
QUIT = Key("q", "q", "quit", "end the music, silence every output, and leave")
REPAINT = "\x0c"
"""Ctrl-L, which draws the whole screen again in most programs."""
KEYS = tuple(
    key
    for key in (PAUSE, NEXT, KEEP, STARS, DETAILS, HELP, QUIT)
    if key is not KEEP or "keep" in COMMANDS
)
"""Every key, in the order in which they are shown."""
LEAST_FIRST = (DETAILS, KEEP, STARS, NEXT, PAUSE, HELP)
"""Keys that are left out of a line that is too narrow, the first ones first."""


class KeyDecoder:
    """Decodes characters from bytes, and drops the escape sequences of other keys."""

    def __init__(self) -> None:
        self._rest = ""

    def decode(self, data: bytes) -> str:
        """Return the characters that were typed; a sequence may be cut between two calls."""
        text = self._rest + data.decode("utf-8", "replace")
        cut = _INCOMPLETE.search(text)
        self._rest = text[cut.start() :] if cut else ""
        return _SEQUENCE.sub("", text[: cut.start()] if cut else text)
