"""State of the player, collected from its events, for browsers that connect later."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from stream.config.settings import with_changes
from stream.control.socket import Event
from stream.ensembles.remote import RemoteEnsembles, public_name
from stream.errors import SettingsError
from stream.music.controls import Controls
from stream.panel.energy_arc import EnergyArc
from stream.panel.recent_phrases import RecentPhrases

MOST_NOTICES = 8
"""Most notices that are kept."""
LATEST = (
    "controls", "playing", "outputs", "moment", "map", "ports", "day", "sleep", "kept", "taste",
)  # fmt: skip
"""Events that describe the current state; only the latest of each is kept."""
PRIVATE = frozenset({"voice_file", "recordings"})
"""Members of `hello` that browsers must not see: paths on this machine."""
EVENTS = frozenset({*LATEST, "hello", "phrase", "cut", "moved", "notice"})
"""Events that are forwarded to browsers."""
BENDING = frozenset({"hello", "controls", "phrase", "cut", "moved"})
"""Events after which the arc of the energy may be another one."""


class State:
    """State of the player. Pass each event to `update` before forwarding it to the browsers."""

    def __init__(self) -> None:
        self.recent_phrases = RecentPhrases()
        self.ensembles = RemoteEnsembles()
        self._energy_arc = EnergyArc()
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
    def connected(self) -> tuple[str, ...]:
        """Outputs that are connected now."""
        return _texts(self._latest.get("outputs"))

    @property
    def kept(self) -> dict[str, Any]:
        """Latest state of the kept tunes."""
        kept = self._latest.get("kept")
        return kept if isinstance(kept, dict) else {}

    @property
    def kept_folder(self) -> str:
        """Folder of the kept tunes; empty if nothing is kept."""
        return str(self.kept.get("folder", ""))

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
        """Apply an event; return what browsers may see of it, or None.

        The arc of the energy goes with the events that bend it.
        """
        name = next((name for name in event if name in EVENTS), None)
        if name is None:
            return None
        value = event[name]
        try:
            self._apply(name, value)
        except (KeyError, TypeError, ValueError):
            return None
        arc = {"arc": self._arc()} if name in BENDING else {}
        return {name: public(name, value), **arc}

    def document(self, now: float) -> dict[str, Any]:
        """Return the whole state; `now` is monotonic (s)."""
        self.recent_phrases.forget(now)
        return {
            "now": now,
            "hello": public("hello", self._hello),
            "phrases": self.recent_phrases.phrases,
            "notices": list(self._notices),
            "arc": self._arc(),
            **{name: public(name, value) for name, value in self._latest.items()},
        }

    def _arc(self) -> dict[str, Any]:
        seed = self._hello.get("seed")
        return self._energy_arc.document(self.controls, seed if isinstance(seed, int) else 0)

    def _apply(self, name: str, value: Any) -> None:
        if name in LATEST:
            self._latest[name] = value
            if name == "outputs":
                self._outputs |= dict.fromkeys(_texts(value))
        elif name == "hello":
            self._hello = dict(value)
            self.ensembles.update(self._hello)
        elif name == "phrase":
            self.recent_phrases.add(value)
            self._energy_arc.add(value)
        elif name == "cut":
            self.recent_phrases.cut(float(value))
            self._energy_arc.cut(float(value))
        elif name == "moved":
            begin, delay = value
            self.recent_phrases.move(float(begin), float(delay))
            self._energy_arc.move(float(begin), float(delay))
        else:
            self._notices.append(str(value))


def public(event: str, value: Any) -> Any:
    """Return what browsers may see of the value of an event: no paths on this machine."""
    if event == "controls" and isinstance(value, dict):
        return value | {"ensemble": public_name(str(value.get("ensemble", "")))}
    if event == "kept" and isinstance(value, dict):
        return {name: member for name, member in value.items() if name != "folder"}
    if event != "hello":
        return value
    found = {name: member for name, member in value.items() if name not in PRIVATE}
    return found | {"ensembles": [_public_ensemble(each) for each in _objects(found)]}


def _objects(hello: Mapping[str, Any]) -> list[dict[str, Any]]:
    members = hello.get("ensembles")
    found = members if isinstance(members, list) else []
    return [each for each in found if isinstance(each, dict)]


def _public_ensemble(each: Mapping[str, Any]) -> dict[str, Any]:
    return {**each, "name": public_name(str(each.get("name", "")))}


def _texts(value: object) -> tuple[str, ...]:
    members = value if isinstance(value, list | tuple | dict) else ()
    return tuple(member for member in members if isinstance(member, str))
