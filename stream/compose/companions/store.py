"""The companions that are loaded, and the states in which they ended their last phrases."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final

from stream.compose.companions.companion import Companion
from stream.compose.companions.kinds import kind_named
from stream.compose.step import StepState
from stream.music.note import Phrase
from stream.voices.spec import COMPANIONS

STORED_ENDS: Final = 80
"""Ends of phrases that are stored: sixteen of each of five companions."""


class CompanionStore:
    """The trained companions in a folder; each is loaded when it is first needed."""

    def __init__(self, folder: Path = COMPANIONS) -> None:
        self._folder = folder
        self._companions: dict[str, Companion] = {}
        self._ends: OrderedDict[tuple[str, int, int], StepState] = OrderedDict()

    def companion(self, name: str) -> Companion:
        """Return a trained companion. Raises `VoiceError` if its voice cannot be loaded."""
        if name not in self._companions:
            path = self._folder / f"{name}.onnx"
            self._companions[name] = Companion(path, kind_named(name), name)
        return self._companions[name]

    def end(self, name: str, phrase: Phrase) -> StepState | None:
        """Return the state in which a companion ended the phrase's parent, if that is stored.

        A phrase without a parent was composed from its history alone, by lead and companions alike.
        """
        return self._ends.get((name, phrase.seed, phrase.parent))

    def store_end(self, name: str, phrase: Phrase, end: StepState) -> None:
        """Store the state in which a companion ends a phrase."""
        self._ends[name, phrase.seed, phrase.index] = end
        while len(self._ends) > STORED_ENDS:
            self._ends.popitem(last=False)
