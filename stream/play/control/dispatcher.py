"""The dispatcher of commands: each command is checked, then handled, or refused with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stream.config.settings import with_changes
from stream.config.style_syntax import written
from stream.errors import StreamError
from stream.play.control.command_schema import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stream.play.control.handlers import Handlers

SET_SECONDS = 0.05
"""Seconds between two changes of the controls; a dragged slider sends a hundred a second."""


class Dispatcher:
    """Dispatches the commands for a performance. `clock` gives monotonic seconds."""

    def __init__(self, handlers: Handlers, clock: Callable[[], float]) -> None:
        self.deadline: float | None = None
        """Time at which changed controls are due (s, monotonic); None if there are none."""
        self._pending: dict[str, Any] = {}
        """Changed controls that have not been applied yet."""
        self._handlers = handlers
        self._clock = clock
        self._applied_at = -SET_SECONDS

    def dispatch(self, command: Mapping[str, Any]) -> bytes:
        """Handle a command; return the answer as a line, empty if none is requested."""
        answer: dict[str, Any] = {}
        try:
            for name, value in checked(command).items():
                if name == "set":
                    self._set(value)
                else:
                    answer |= self._handlers.handle(name, value) or {}
        except (StreamError, ValueError) as error:
            answer = {"refused": str(error)}
        except OSError as error:  # descriptors, threads or processes are short
            answer = {"refused": f"{error.strerror}; try again later"}
        if "id" not in command and "refused" not in answer:
            return b""
        return json.dumps({"answer": command.get("id"), **answer}).encode() + b"\n"

    def apply_due_controls(self) -> None:
        """Apply the changed controls if they are due."""
        now = self._clock()
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self._applied_at = now
            changes, self._pending = self._pending, {}
            self._handlers.change(with_changes(self._handlers.controls, changes))

    def _set(self, changes: dict[str, Any]) -> None:
        pending = self._pending | changes
        controls = with_changes(self._handlers.controls, pending)
        if (complete := self._handlers.with_full_style(controls)) != controls:
            pending["style"] = written(complete.style)
        self._pending = pending
        self.deadline = self.deadline or self._applied_at + SET_SECONDS
