"""Play the stream in real time, until a signal, the wished length, or the loss of all outputs."""

from __future__ import annotations

import contextlib
import gc
import time
from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.play.driver import File, wait
from stream.play.performance import Performance
from stream.play.priority import notes_first
from stream.play.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.play.composer_link import ComposerLink
    from stream.play.observer import Observer
    from stream.play.session import Session
    from stream.play.signals import Stop
    from stream.play.sinks.base import Sink


def play(
    link: ComposerLink,
    sinks: Sequence[Sink],
    *,
    session: Session,
    observer: Observer,
    stop: Stop,
) -> Stats:
    """Play, then close the sinks, the observer and the link, whatever happens.

    `stop` comes from `stop_signals()`, which the caller enters before opening anything. Every sink
    is silenced before anything that may take time. Returns the counters; a stop signal is no
    error. Raises `SinkError` when the last sink is lost, `ComposerError` when the composer keeps
    failing, `SettingsError` when the counters can not be written.
    """
    performance = Performance(link, sinks, session, observer, time.monotonic)
    with contextlib.ExitStack() as leaving:  # last in, first out
        leaving.enter_context(_collector_at_rest())
        leaving.enter_context(notes_first())
        leaving.callback(link.close)
        leaving.callback(observer.close)
        leaving.callback(performance.finish)
        for sink in sinks:
            leaving.callback(performance.close, sink)
        for sink in sinks:
            leaving.callback(performance.silence, sink)
        _check_stats(session)
        _run(performance, link, stop)
    return performance.stats


def _run(performance: Performance, link: ComposerLink, stop: Stop) -> None:
    performance.step()
    while not (stop.requested or performance.finished):
        files: list[File] = [stop, link] if performance.listens() else [stop]
        ready = wait(files, performance.deadline())
        if link in ready and performance.listens():
            performance.hear()
            link.stand_back()
        performance.step()


def _check_stats(session: Session) -> None:
    """Find out now, not at the first phrase end, that the counters can not be written."""
    if session.stats is None:
        return
    try:
        Stats().write(session.stats)
    except OSError as error:
        raise SettingsError(
            f"--stats {session.stats}: can not be written ({error.strerror});"
            " name a file in a folder that exists and that you may write to",
        ) from error


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
