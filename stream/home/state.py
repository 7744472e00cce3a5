"""State of the player, collected from its events, for entities of Home Assistant."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stream.config.settings import with_changes
from stream.control.socket import Event
from stream.ensembles.remote import RemoteEnsembles, public_name
from stream.music.controls import Controls
from stream.panel.recent_phrases import Phrase, RecentPhrases

FACTS = ("style", "kind", "key", "meter", "set", "ensemble")
"""Members of a phrase that are texts about its tune."""
EVENTS = ("hello", "controls", "playing", "outputs", "day", "sleep", "phrase", "cut", "moved")


class HomeState:
    """The latest state. Malformed events are ignored."""

    def __init__(self) -> None:
        self.controls = Controls()
        self.ensembles = RemoteEnsembles()
        self.playing = False
        self.voice = ""
        self.voices: tuple[str, ...] = ()
        self.styles: tuple[str, ...] = ()
        self.ensemble_names: tuple[str, ...] = ()
        self.version = ""
        self.outputs: tuple[str, ...] = ()
        self.day: dict[str, Any] | None = None
        """The day as people see it; None without a plan."""
        self._sleep_end = 0.0
        self.known = False
        """True once the player has told its controls."""
        self._phrases = RecentPhrases()

    @property
    def ensemble(self) -> str:
        """Name of the chosen ensemble as people see it; empty: the ensemble of the style."""
        return public_name(self.controls.ensemble)

    def update(self, event: Event) -> bool:
        """Apply an event; return whether it belongs to the state."""
        name = next((name for name in EVENTS if name in event), None)
        if name is None:
            return False
        try:
            self._apply(name, event[name])
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            return False
        return True

    def sounding(self, now: float) -> Phrase | None:
        """Return the phrase that sounds at `now` (s, monotonic), or None."""
        self._phrases.forget(now)
        return next((p for p in self._phrases.phrases if p["start"] <= now < p["end"]), None)

    def sleep_minutes(self, now: float) -> int:
        """Return the minutes that the sleep timer has left, rounded up; 0 without it."""
        return max(math.ceil((self._sleep_end - now) / 60), 0)

    def facts(self, now: float) -> dict[str, Any]:
        """Return what is known of the tune that sounds: texts, the tempo (bpm) and the energy."""
        phrase = self.sounding(now)
        if phrase is None:
            return {}
        texts = {name: phrase[name] for name in FACTS if _is_text(phrase.get(name))}
        numbers = {
            name: round(value, digits)
            for name, value, digits in (
                ("tempo", phrase.get("bpm"), None),
                ("energy", phrase.get("energy"), 2),
            )
            if isinstance(value, int | float)
        }
        number = phrase.get("tune")
        tune = {"tune": number + 1} if isinstance(number, int) else {}
        return {**tune, **texts, **numbers, "voice": self.voice}

    def _apply(self, name: str, value: Any) -> None:
        if name == "hello":
            self._hello(value)
        elif name == "controls":
            self.controls = with_changes(Controls(), value)
            self.known = True
        elif name == "playing":
            self.playing = value is True
        elif name == "outputs":
            self.outputs = _texts(value)
        elif name == "day":
            self.day = dict(value) if value else None
        elif name == "sleep":
            self._sleep_end = float((value or {}).get("end") or 0.0)
        elif name == "phrase":
            # The notes are the largest part, and of no use here.
            self._phrases.add(value | {"notes": []})
        elif name == "cut":
            self._phrases.cut(float(value))
        else:
            begin, delay = value
            self._phrases.move(float(begin), float(delay))

    def _hello(self, hello: Mapping[str, Any]) -> None:
        self.voice, self.version = str(hello["voice"]), str(hello.get("version", ""))
        self.voices, self.styles = _texts(hello.get("voices")), _texts(hello.get("styles"))
        self.ensembles.update(hello)
        members = hello.get("ensembles")
        found = [each for each in members or () if isinstance(each, dict)]
        self.ensemble_names = tuple(public_name(str(each.get("name", ""))) for each in found)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
