"""What a browser has to know when it comes: everything the player has told so far, in short."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from stream.config.settings import moved
from stream.control.socket import Event
from stream.errors import SettingsError
from stream.music.controls import Controls
from stream.panel.recent_phrases import RecentPhrases

MOST_NOTICES = 8
LASTING = ("controls", "playing", "outputs", "moment", "map", "ports")
"""Events that say how things stand: the last one counts."""
PRIVATE = frozenset({"voice_file", "recordings"})
"""Members of `hello` that are nobody's business: where things lie on this machine."""
EVENTS = frozenset({*LASTING, "hello", "phrase", "cut", "moved", "notice"})
"""What browsers are told."""


class State:
    """The events so far. `take` each one, then tell it to the browsers."""

    def __init__(self) -> None:
        self.music = RecentPhrases()
        self._stands: dict[str, Any] = {}
        self._hello: dict[str, Any] = {}
        self._notices: deque[str] = deque(maxlen=MOST_NOTICES)
        self._outputs: dict[str, None] = {}

    @property
    def voices(self) -> tuple[str, ...]:
        return _texts(self._hello.get("voices"))

    @property
    def styles(self) -> tuple[str, ...]:
        return _texts(self._hello.get("styles"))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Those that a browser may ask for: what plays or has played, and what is connected."""
        return (*self._outputs, *_texts(self._stands.get("ports")))

    @property
    def controllers(self) -> frozenset[str]:
        """Names of the profile's controllers."""
        profile = self._hello.get("profile")
        return frozenset(_texts(profile.get("cc")) if isinstance(profile, dict) else ())

    @property
    def controls(self) -> Controls:
        """The last ones; the usual ones where the player has told none that are valid."""
        told = self._stands.get("controls")
        try:
            return moved(Controls(), told if isinstance(told, dict) else {})
        except SettingsError:
            return Controls()

    def take(self, event: Event) -> Event | None:
        """Remember an event; what browsers are to hear of it. None: nothing."""
        name = next((name for name in event if name in EVENTS), None)
        if name is None:
            return None
        value = event[name]
        try:
            self._remember(name, value)
        except (KeyError, TypeError, ValueError):
            return None
        return {name: public(value) if name == "hello" else value}

    def document(self, now: float) -> dict[str, Any]:
        """All of it at once; `now` is monotonic."""
        self.music.forget(now)
        return {
            "now": now,
            "hello": public(self._hello),
            "phrases": self.music.phrases,
            "notices": list(self._notices),
            **self._stands,
        }

    def _remember(self, name: str, value: Any) -> None:
        if name in LASTING:
            self._stands[name] = value
            if name == "outputs":
                self._outputs |= dict.fromkeys(_texts(value))
        elif name == "hello":
            self._hello = dict(value)
        elif name == "phrase":
            self.music.add(value)
        elif name == "cut":
            self.music.cut(float(value))
        elif name == "moved":
            begin, delay = value
            self.music.move(float(begin), float(delay))
        else:
            self._notices.append(str(value))


def public(hello: Mapping[str, Any]) -> dict[str, Any]:
    """What of `hello` browsers may see."""
    return {name: value for name, value in hello.items() if name not in PRIVATE}


def _texts(value: object) -> tuple[str, ...]:
    members = value if isinstance(value, list | tuple | dict) else ()
    return tuple(member for member in members if isinstance(member, str))
