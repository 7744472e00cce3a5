"""State of the player, collected from its events, for browsers that connect later."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from stream.config.settings import with_changes
from stream.control.socket import Event
from stream.errors import SettingsError
from stream.music.controls import Controls
from stream.panel.recent_phrases import RecentPhrases

MOST_NOTICES = 8
"""Most notices that are kept."""
LATEST = ("controls", "playing", "outputs", "moment", "map", "ports")
"""Events that describe the current state; only the latest of each is kept."""
PRIVATE = frozenset({"voice_file", "recordings"})
"""Members of `hello` that browsers must not see: paths on this machine."""
EVENTS = frozenset({*LATEST, "hello", "phrase", "cut", "moved", "notice"})
"""Events that are forwarded to browsers."""


class State:
    """State of the player. Pass each event to `update` before forwarding it to the browsers."""

    def __init__(self) -> None:
        self.recent_phrases = RecentPhrases()
        self._latest: dict[str, Any] = {}
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
        """Outputs that a browser may request: all that have played, and the connected ports."""
        return (*self._outputs, *_texts(self._latest.get("ports")))

    @property
    def controllers(self) -> frozenset[str]:
        """Names of the profile's controllers."""
        profile = self._hello.get("profile")
        return frozenset(_texts(profile.get("cc")) if isinstance(profile, dict) else ())

    @property
    def controls(self) -> Controls:
        """Latest valid controls of the player, or the defaults."""
        controls = self._latest.get("controls")
        try:
            return with_changes(Controls(), controls if isinstance(controls, dict) else {})
        except SettingsError:
            return Controls()

    def update(self, event: Event) -> Event | None:
        """Apply an event; return what browsers may see of it, or None."""
        name = next((name for name in event if name in EVENTS), None)
        if name is None:
            return None
        value = event[name]
        try:
            self._apply(name, value)
        except (KeyError, TypeError, ValueError):
            return None
        return {name: public(value) if name == "hello" else value}

    def document(self, now: float) -> dict[str, Any]:
        """Return the whole state; `now` is monotonic (s)."""
        self.recent_phrases.forget(now)
        return {
            "now": now,
            "hello": public(self._hello),
            "phrases": self.recent_phrases.phrases,
            "notices": list(self._notices),
            **self._latest,
        }

    def _apply(self, name: str, value: Any) -> None:
        if name in LATEST:
            self._latest[name] = value
            if name == "outputs":
                self._outputs |= dict.fromkeys(_texts(value))
        elif name == "hello":
            self._hello = dict(value)
        elif name == "phrase":
            self.recent_phrases.add(value)
        elif name == "cut":
            self.recent_phrases.cut(float(value))
        elif name == "moved":
            begin, delay = value
            self.recent_phrases.move(float(begin), float(delay))
        else:
            self._notices.append(str(value))


def public(hello: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of `hello` that browsers may see."""
    return {name: value for name, value in hello.items() if name not in PRIVATE}


def _texts(value: object) -> tuple[str, ...]:
    members = value if isinstance(value, list | tuple | dict) else ()
    return tuple(member for member in members if isinstance(member, str))
