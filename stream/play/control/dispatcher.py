"""Where the wishes of hands come in: each is checked, then done, or refused with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stream.config.settings import moved
from stream.config.style_syntax import written
from stream.errors import StreamError
from stream.play.control.command_schema import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stream.play.control.handlers import Handlers

SET_SECONDS = 0.05
"""From one change of what is queued to the next: who drags a slider sends a hundred a second."""


class Dispatcher:
    """Takes commands for a performance. `clock` gives monotonic seconds."""

    def __init__(self, deeds: Handlers, clock: Callable[[], float]) -> None:
        self.deadline: float | None = None
        """When the controls that were moved are to be heeded (s, monotonic)."""
        self._wishes: dict[str, Any] = {}
        """Controls that were moved and not heeded yet."""
        self._deeds = deeds
        self._clock = clock
        self._heeded = -SET_SECONDS

    def obey(self, command: Mapping[str, Any]) -> bytes:
        """Do what a command says; the answer as a line, empty where none is wanted."""
        answer: dict[str, Any] = {}
        try:
            for name, value in checked(command).items():
                if name == "set":
                    self._set(value)
                else:
                    answer |= self._deeds.do(name, value) or {}
        except (StreamError, ValueError) as error:
            answer = {"refused": str(error)}
        except OSError as error:  # descriptors, threads or processes are short
            answer = {"refused": f"{error.strerror}; try again later"}
        if "id" not in command and "refused" not in answer:
            return b""
        return json.dumps({"answer": command.get("id"), **answer}).encode() + b"\n"

    def heed(self) -> None:
        """Let the controls that were moved be heard, if it is time."""
        now = self._clock()
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self._heeded = now
            wishes, self._wishes = self._wishes, {}
            self._deeds.change(moved(self._deeds.controls, wishes))

    def _set(self, wishes: dict[str, Any]) -> None:
        together = self._wishes | wishes
        controls = moved(self._deeds.controls, together)
        if (named := self._deeds.styled(controls)) != controls:
            together["style"] = written(named.style)
        self._wishes = together
        self.deadline = self.deadline or self._heeded + SET_SECONDS
