"""Play the stream in real time until a signal, the requested length, or the loss of all outputs."""

from __future__ import annotations

import contextlib
import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.play.control.handlers import Handlers
from stream.play.control.hub import ControllerHub
from stream.play.observer import CompositeObserver, NullObserver
from stream.play.performance import Performance
from stream.play.timing.scheduler import ON, TimedMessage
from stream.util.event_wait import Driver, RealTime, earliest
from stream.util.realtime import note_priority
from stream.util.sd_notify import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.observer import Observer
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.router import Router
    from stream.play.stats import Stats
    from stream.util.event_wait import File
    from stream.util.stop_signals import Stop


@dataclass(frozen=True, slots=True)
class Participants:
    """Participants of a performance besides composer and outputs."""

    observer: Observer = field(default_factory=NullObserver)
    controllers: ControllerHub = field(default_factory=ControllerHub)
    recorder: Recorder | None = None


def play(
    client: PhraseClient,
    outputs: Router,
    *,
    session: Session,
    participants: Participants,
    stop: Stop,
) -> Stats:
    """Play, then close outputs, observers, controllers and client, whatever happens.

    `stop` comes from `stop_signals()`, which the caller enters before opening anything. Every
    output is silenced before anything that may take time. Returns the counters; a stop signal is no
    error. Raises `SinkError` when no output is left, `ComposerError` if there never was a phrase,
    `SettingsError` if the counters cannot be written.
    """
    driver = RealTime()
    supervisor = Supervisor()
    controllers, recorder = participants.controllers, participants.recorder
    observers = CompositeObserver((participants.observer, controllers))
    performance = Performance(client, outputs, session, observers, driver.now, recorder)
    with contextlib.ExitStack() as stack:  # last in, first out
        stack.enter_context(_garbage_collection_paused())
        stack.enter_context(note_priority())
        stack.callback(client.close)
        stack.callback(observers.close)
        if recorder is not None:
            stack.callback(_finish_recording, recorder, observers)
        stack.callback(performance.finish)
        stack.callback(supervisor.close)
        stack.callback(outputs.close)
        stack.callback(supervisor.stopping)
        stack.callback(performance.sender.silence)
        if session.voice:
            handlers = Handlers(performance, client, outputs, session, recorder)
            controllers.connect(handlers, driver.now)
        for message in session.opening:
            outputs.send(TimedMessage(driver.now(), ON, message))
        Loop(performance, (client, outputs, controllers), driver, supervisor).run(stop)
    return performance.stats


class Loop:
    """Waits for the next event and handles it, until the end."""

    def __init__(
        self,
        performance: Performance,
        parts: tuple[PhraseClient, Router, ControllerHub],
        driver: Driver,
        supervisor: Supervisor,
    ) -> None:
        self._performance = performance
        self._client, self._outputs, self._controllers = parts
        self._driver = driver
        self._supervisor = supervisor

    def run(self, stop: Stop) -> None:
        """Continue until the performance is finished, or `stop` is requested."""
        performance = self._performance
        performance.step()
        while not performance.begun and not stop.requested:
            self._wait_and_step(stop)
        self._supervisor.ready()
        while not (stop.requested or performance.finished):
            self._wait_and_step(stop)

    def _wait_and_step(self, stop: Stop) -> None:
        performance, client = self._performance, self._client
        inputs = [*client.files(), *self._controllers.files()] if performance.can_receive() else []
        files: list[File] = [stop, *self._outputs.files(), *inputs]
        ready = self._driver.wait(files, self._deadline())
        if stop in ready:
            stop.clear()
        if client in ready and performance.can_receive():
            performance.receive()
            client.lower_priority()
        client.maintain()
        performance.watch_composer()
        self._outputs.process_ready(ready, self._driver.now())
        self._controllers.process_ready(ready, self._driver.now())
        performance.step()
        self._supervisor.feed(self._driver.now())

    def _deadline(self) -> float | None:
        """Return when to wake up if no file becomes readable before (s, monotonic)."""
        return earliest(
            self._performance.deadline(),
            self._client.deadline,
            self._controllers.deadline,
            self._supervisor.deadline,
        )


def _finish_recording(recorder: Recorder, observer: Observer) -> None:
    """Wait until everything is written, and report what could not be."""
    recorder.close()
    while recorder.notices:
        observer.notice(recorder.notices.popleft())


@contextlib.contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Leave garbage collection to the tasks between phrases; exclude all objects made before."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
