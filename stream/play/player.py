"""Play the stream in real time, until a signal, the wished length, or the loss of all outputs."""

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
from stream.util.realtime import notes_first
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
    """Who takes part besides composer and outputs."""

    observer: Observer = field(default_factory=NullObserver)
    hands: ControllerHub = field(default_factory=ControllerHub)
    recorder: Recorder | None = None


def play(
    link: PhraseClient,
    outputs: Router,
    *,
    session: Session,
    company: Participants,
    stop: Stop,
) -> Stats:
    """Play, then close the outputs, the company and the link, whatever happens.

    `stop` comes from `stop_signals()`, which the caller enters before opening anything. Every
    output is silenced before anything that may take time. Returns the counters; a stop signal is no
    error. Raises `SinkError` when nothing can play any more, `ComposerError` when there never was a
    phrase, `SettingsError` when the counters can not be written.
    """
    driver = RealTime()
    supervisor = Supervisor()
    hands, recorder = company.hands, company.recorder
    audience = CompositeObserver((company.observer, hands))
    performance = Performance(link, outputs, session, audience, driver.now, recorder)
    with contextlib.ExitStack() as leaving:  # last in, first out
        leaving.enter_context(_collector_at_rest())
        leaving.enter_context(notes_first())
        leaving.callback(link.close)
        leaving.callback(audience.close)
        if recorder is not None:
            leaving.callback(_end_recording, recorder, audience)
        leaving.callback(performance.finish)
        leaving.callback(supervisor.close)
        leaving.callback(outputs.close)
        leaving.callback(supervisor.stopping)
        leaving.callback(performance.sender.silence)
        if session.voice:
            deeds = Handlers(performance, link, outputs, session, recorder)
            hands.connect(deeds, driver.now)
        for message in session.opening:
            outputs.send(TimedMessage(driver.now(), ON, message))
        Loop(performance, (link, outputs, hands), driver, supervisor).run(stop)
    return performance.stats


class Loop:
    """Waits for whatever comes next, and sees to it, until the end."""

    def __init__(
        self,
        performance: Performance,
        others: tuple[PhraseClient, Router, ControllerHub],
        driver: Driver,
        supervisor: Supervisor,
    ) -> None:
        self._performance = performance
        self._link, self._outputs, self._hands = others
        self._driver = driver
        self._supervisor = supervisor

    def run(self, stop: Stop) -> None:
        """Go on until the performance is finished, or `stop` is requested."""
        performance = self._performance
        performance.step()
        while not performance.begun and not stop.requested:
            self._turn(stop)
        self._supervisor.ready()
        while not (stop.requested or performance.finished):
            self._turn(stop)

    def _turn(self, stop: Stop) -> None:
        performance, link = self._performance, self._link
        listening = [*link.files(), *self._hands.files()] if performance.listens() else []
        files: list[File] = [stop, *self._outputs.files(), *listening]
        ready = self._driver.wait(files, self._deadline())
        if link in ready and performance.listens():
            performance.hear()
            link.lower_priority()
        link.maintain()
        performance.watch_composer()
        self._outputs.attend(ready, self._driver.now())
        self._hands.process_ready(ready, self._driver.now())
        performance.step()
        self._supervisor.feed(self._driver.now())

    def _deadline(self) -> float | None:
        """When to wake, whatever the files say (s, monotonic)."""
        return earliest(
            self._performance.deadline(),
            self._link.deadline,
            self._hands.deadline,
            self._supervisor.deadline,
        )


def _end_recording(recorder: Recorder, observer: Observer) -> None:
    """Wait until all is written, and tell what could not be."""
    recorder.close()
    while recorder.notices:
        observer.notice(recorder.notices.popleft())


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No cyclic garbage is collected but between phrases, and nothing from before the music."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
