"""The offline driver: the same stream as `play`, as fast as the machine goes.

Time is virtual and starts at 0; only the composer is waited for.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.music.stream_position import opening
from stream.play.observer import Slot, Snapshot
from stream.play.queue.arrange import arranged
from stream.play.stats import Stats
from stream.play.timing.scheduler import timeline
from stream.util.event_wait import wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.music.note import Phrase
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.observer import Observer
    from stream.play.session import Session
    from stream.play.sinks.base import Sink
    from stream.util.stop_signals import Stop


def render(
    link: PhraseClient,
    sinks: Sequence[Sink],
    *,
    session: Session,
    observer: Observer,
    stop: Stop,
) -> Stats:
    """Render the stream into `sinks`, then close them, the observer and the link.

    Ends like `play`: on the first phrase end after `session.minutes`, or by a stop signal, with
    whole files. Raises `SinkError`, `ComposerError`.
    """
    stats = Stats()
    names = tuple(sink.name for sink in sinks)
    with contextlib.ExitStack() as leaving:
        leaving.callback(link.close)
        leaving.callback(observer.close)
        for sink in sinks:
            leaving.callback(sink.close)
        for slot in _slots(link, session, stop):
            _count(stats, slot.phrase)
            _send(slot, sinks)
            stats.restarts = link.restarts
            observer.phrase_started(Snapshot(slot.start, slot, (), stats, names))
    return stats


def _slots(link: PhraseClient, session: Session, stop: Stop) -> Iterator[Slot]:
    """Phrase after phrase; the composer works on the next while this one is written."""
    programme = opening(session.seed, session.controls)
    end = 0.0
    link.request(programme.request)
    while phrase := _receive(link, stop):
        sounding = arranged(phrase, 0, phrase.length, session.controls, session.profile)
        slot = Slot(sounding, end, timeline(sounding, end).end)
        end = slot.end
        programme = programme.after(phrase)
        if session.complete(end):
            yield slot
            return
        link.request(programme.request)
        yield slot


def _receive(link: PhraseClient, stop: Stop) -> Phrase | None:
    """The next phrase; None once a stop signal has come. Raises `ComposerError`."""
    while not stop.requested:
        # Nobody waits for the next note: a composer that is slow may be.
        wait([stop, *link.files()], None if link.files() else link.deadline)
        if not link.files():
            link.maintain()
        for phrase in link.receive():
            return phrase
        link.give_up()
    return None


def _send(slot: Slot, sinks: Sequence[Sink]) -> None:
    line = timeline(slot.phrase, slot.start)
    for sink in sinks:
        for timed in line.messages:
            sink.send(timed)
        sink.flush(line.end)


def _count(stats: Stats, phrase: Phrase) -> None:
    stats.notes += len(phrase.notes)
    stats.phrases += 1
    stats.tunes = max(stats.tunes, phrase.tune + 1)
    stats.count(phrase.verdict)
