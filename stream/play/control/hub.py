"""The hub of all controllers: forwards their commands to the dispatcher, and sends them events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.play.control import events
from stream.play.control.dispatcher import Dispatcher
from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.play.control.handlers import Handlers
    from stream.play.control.process import ControllerProcess
    from stream.play.observer import Snapshot
    from stream.play.view.keyboard import Keyboard
    from stream.util.event_wait import File

EVENT_SECONDS = 0.1
"""Seconds between two rounds of events."""
ROUNDS_PER_SNAPSHOT = 3
"""Number of rounds of events from one snapshot of the counters to the next."""


class ControllerHub:
    """An observer that sends controllers what it sees, and dispatches their commands."""

    def __init__(
        self, controllers: Sequence[ControllerProcess] = (), keyboard: Keyboard | None = None
    ) -> None:
        self._controllers = list(controllers)
        self._keyboard = keyboard
        self._handlers: Handlers | None = None
        self._dispatcher: Dispatcher | None = None
        self._sent: dict[str, Any] = {}
        self._secrets: set[str] = set()
        """Notices for the owner alone: they go to the screen or the log, to no controller."""
        self._rounds = 0

    def connect(self, handlers: Handlers, clock: Callable[[], float]) -> None:
        """Handle commands by these handlers. `clock` gives monotonic seconds."""
        if self._controllers or self._keyboard:
            self._dispatcher = Dispatcher(handlers, clock)
        if self._controllers:
            self._handlers = handlers
            handlers.queue.watch()

    @property
    def deadline(self) -> float | None:
        """Time at which to call `process_ready`, whatever files are ready (s, monotonic)."""
        deadlines = [controller.deadline for controller in self._controllers]
        if self._dispatcher:
            deadlines.append(self._dispatcher.deadline)
        return earliest(*deadlines)

    def files(self) -> list[File]:
        """Return the files to wait for."""
        keys = self._keyboard.files() if self._keyboard else ()
        return [*keys, *(file for each in self._controllers for file in each.files())]

    def process_ready(self, ready: Sequence[File], now: float) -> None:
        """Handle commands, restart controllers, and apply changed controls that are due."""
        for controller in self._controllers:
            for command in controller.read(ready):
                self._secrets |= {str(command["secret"])} if "secret" in command else set()
                if self._dispatcher:
                    controller.send(self._dispatcher.dispatch(command))
            if controller.restart_if_due(now):
                self._send_state(controller)
        if self._dispatcher:
            if self._keyboard:
                for command in self._keyboard.read(ready):
                    self._keyboard.answer(self._dispatcher.dispatch(command))
            self._dispatcher.apply_due_controls()
        if self._handlers:
            self._handlers.queue_loaded()

    def phrase_started(self, snapshot: Snapshot) -> None:
        """Do nothing: controllers know the queue."""

    def notice(self, text: str) -> None:
        if text not in self._secrets:
            self._broadcast(events.event_line("notice", text))

    def refresh(self, snapshot: Snapshot) -> float | None:
        if self._handlers is None:
            return None
        for name, value in self._handlers.state().items():
            if self._sent.get(name) != value:
                self._sent[name] = value
                self._broadcast(events.event_line(name, value))
        edits = self._handlers.queue.edits
        while edits:
            self._broadcast(events.edit_line(edits.popleft()))
        self._rounds += 1
        if self._rounds % ROUNDS_PER_SNAPSHOT == 0:
            self._broadcast(events.event_line("moment", events.snapshot_document(snapshot)))
        return snapshot.now + EVENT_SECONDS

    def close(self) -> None:
        """End the processes."""
        if self._keyboard:
            self._keyboard.close()
        for controller in self._controllers:
            controller.close()

    def _send_state(self, controller: ControllerProcess) -> None:
        """Send the whole state to a controller that has been restarted."""
        if self._handlers is not None:
            for name, value in self._handlers.state().items():
                controller.send(events.event_line(name, value))
            for slot in self._handlers.queue.slots():
                controller.send(events.edit_line(slot))

    def _broadcast(self, line: bytes) -> None:
        for controller in self._controllers:
            controller.send(line)
