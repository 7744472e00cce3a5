"""The offline driver: renders the same stream as `play`, as fast as the machine can.

Time is virtual and starts at 0; the driver only waits for the composer.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stream.music.stream_position import opening
from stream.play.observer import Slot, Snapshot
from stream.play.queue.arrange import arranged
from stream.play.queue.routing import route
from stream.play.sinks.levels import Levels
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
    client: PhraseClient,
    sinks: Sequence[Sink],
    *,
    session: Session,
    observer: Observer,
    stop: Stop,
) -> Stats:
    """Render the stream into `sinks`, then close them, the observer and the client.

    Ends like `play`: at the first phrase end after `session.minutes`, or on a stop signal, with
    complete files. Raises `SinkError`, `ComposerError`.
    """
    stats = Stats()
    names = tuple(sink.name for sink in sinks)
    with contextlib.ExitStack() as stack:
        stack.callback(client.close)
        stack.callback(observer.close)
        for sink in sinks:
            stack.callback(sink.close)
        previous: Slot | None = None
        levels = Levels()
        levels.share = session.controls.volume
        for slot in _slots(client, session, stop):
            _count(stats, slot.phrase)
            _send(slot, sinks, previous, levels)
            previous = slot
            stats.restarts = client.restarts
            observer.phrase_started(Snapshot(slot.start, slot, (), stats, names))
    return stats


def _slots(client: PhraseClient, session: Session, stop: Stop) -> Iterator[Slot]:
    """Yield phrase after phrase; the composer works on the next while this one is written."""
    position = opening(session.seed, session.controls, session.taste)
    end = 0.0
    client.request(position.request)
    while phrase := _receive(client, stop):
        slot = _played(phrase, end, session)
        end = slot.end
        position = position.after(phrase)
        if session.complete(end):
            yield slot
            return
        client.request(position.request)
        yield slot


def _played(phrase: Phrase, start: float, session: Session) -> Slot:
    """Return a composed phrase as it sounds from `start` (s) on."""
    controls, profile = session.controls, session.profile
    ensemble = route(phrase, controls, profile, session.ensembles)
    played = arranged(phrase, 0, phrase.length, controls, profile, ensemble)
    end = timeline(played, start).end
    return Slot(
        played,
        start,
        end,
        source=phrase,
        finish=phrase.length,
        controls=controls,
        ensemble=ensemble,
    )


def _receive(client: PhraseClient, stop: Stop) -> Phrase | None:
    """Return the next phrase; None after a stop signal. Raises `ComposerError`."""
    while not stop.requested:
        # No deadline has to be met here: a slow composer is waited for.
        wait([stop, *client.files()], None if client.files() else client.deadline)
        if not client.files():
            client.maintain()
        for phrase in client.receive():
            return phrase
        client.give_up()
    return None


def _send(slot: Slot, sinks: Sequence[Sink], previous: Slot | None, levels: Levels) -> None:
    before = (previous.ensemble, previous.phrase) if previous else ()
    messages = timeline(slot.phrase, slot.start, slot.ensemble, *before)
    leveled = [each for timed in messages.messages for each in levels.passed(timed)]
    for sink in sinks:
        for timed in leveled:
            sink.send(timed)
        sink.flush(messages.end)


def _count(stats: Stats, phrase: Phrase) -> None:
    stats.notes += len(phrase.notes)
    stats.phrases += 1
    stats.tunes = max(stats.tunes, phrase.tune + 1)
    stats.count(phrase)
