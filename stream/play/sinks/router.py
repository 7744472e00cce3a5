"""Routes messages to all outputs, and connects lost ones again."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from stream.config.output_parts import together
from stream.errors import SinkError
from stream.play.sinks.levels import Levels
from stream.play.sinks.reconnect import Reconnector
from stream.play.sinks.stored_settings import StoredSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.play.sinks.active_notes import ActiveNotes
    from stream.play.sinks.base import Sink
    from stream.play.timing.scheduler import TimedMessage
    from stream.util.event_wait import File


class Router:
    """Sends to every connected output; a lost one does not affect the others.

    `playing` outputs are connected, `absent` ones are not yet. `active_notes`, if given, stores the
    active notes in case this process is killed.
    """

    def __init__(
        self,
        playing: Sequence[Sink],
        absent: Sequence[Sink] = (),
        active_notes: ActiveNotes | None = None,
    ) -> None:
        self.lost = 0
        """Times an output was lost."""
        self.reconnected = 0
        """Times an output was connected again, or for the first time while playing."""
        self.notices: deque[str] = deque()
        """Messages for the listener, one line each; the reader removes them."""
        self._playing = list(playing)
        self._awaited = list(absent)
        self._closed: dict[str, Sink] = {}
        """Closed recordings that continue when they are chosen again, by target."""
        self._active_notes = active_notes
        self._settings = StoredSettings()
        self._levels = Levels()
        self._reconnector = Reconnector()
        for sink in self._playing:
            self._poll(sink)
            self._collect_notices(sink)
        for sink in self._awaited:
            self._reconnector.connect(sink)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the connected outputs, with their parts."""
        return tuple(sink.spec for sink in self._playing)

    def files(self) -> list[File]:
        """Return the files to wait for."""
        watched = [file for sink in self._playing for file in sink.watched()]
        return [self._reconnector, *watched]

    def process_ready(self, ready: Sequence[File], now: float) -> None:
        """Handle the readable files. Raises `SinkError` when no output is left."""
        for sink in tuple(self._playing):
            if any(file in ready for file in sink.watched()):
                self._call(sink, sink.check)
        if self._reconnector in ready:
            for result in self._reconnector.results():
                if result.connected and result.sink in self._awaited:
                    self._restore(result.sink, now)
                elif not result.connected and result.sink in self._playing:
                    self._drop(result.sink, f"{result.sink.name}: lost (it has stopped)")

    def send(self, timed: TimedMessage) -> None:
        """Send to all outputs that play its part. Raises `SinkError` when no output is left."""
        for each in self._levels.passed(timed):
            self._send(each)

    def set_volume(self, share: float, now: float) -> None:
        """Bring each channel to a share (0 to 1) of its own level. Raises like `send`."""
        for each in self._levels.change(share, now):
            self._send(each)

    def _send(self, timed: TimedMessage) -> None:
        self._settings.store(timed)
        # If this process is killed in between, the file must still hold every active note.
        is_note_off = timed.message.type == "note_off"
        if self._active_notes is not None and not is_note_off:
            self._active_notes.note(timed.message)
        for sink in tuple(self._playing):
            self._call(sink, partial(sink.send, timed))
        if self._active_notes is not None and is_note_off:
            self._active_notes.note(timed.message)
        for sink in self._awaited:
            sink.skip(timed)

    def flush(self, time: float) -> None:
        """Save what was recorded up to `time` (s). Raises `SinkError` when no output is left."""
        self._reconnector.wake()
        for sink in tuple(self._playing):
            self._call(sink, partial(sink.flush, time))
            self._collect_notices(sink)

    def silence(self, time: float) -> None:
        """End the active notes of all outputs; a loss found here is only reported."""
        for sink in self._playing:
            self._try(partial(sink.silence, time))

    def route(self, sinks: Sequence[Sink], now: float) -> None:
        """Play to these outputs, which are not connected yet, from `now` on.

        Only new outputs are opened, and only dropped ones are closed: an output that plays, or is
        awaited, and fits one of these continues, with the parts that are requested for it. A new
        one gets the settings of the instruments.
        """
        staying, new = match_outputs((*self._playing, *self._awaited), sinks)
        for sink in [sink for sink in self._playing if sink not in staying]:
            self._try(partial(sink.silence, now))
            self._playing.remove(sink)
            self._close(sink)
        for sink in [sink for sink in self._awaited if sink not in staying]:
            self._awaited.remove(sink)
            self._close(sink)
        for sink in staying:
            self._assign(sink, sinks, now)
        for sink in new:
            found = self._closed.pop(sink.target, sink)
            found.parts = _requested_parts(sink, sinks)
            for setting in self._settings:
                found.skip(setting)
            self._awaited.append(found)
            self._reconnector.connect(found)
        self._store_names()

    def close(self) -> None:
        """Close all outputs, which takes longer than silencing them."""
        self._reconnector.close()
        for sink in self._playing:
            self._try(sink.close)
            self._collect_notices(sink)
        self._playing.clear()
        if self._active_notes is not None:
            self._active_notes.close()
            self._active_notes = None
        for result in self._reconnector.results():
            if result.connected:
                self._try(result.sink.close)

    def _assign(self, sink: Sink, requests: Sequence[Sink], now: float) -> None:
        """Give an output the requested parts; what it did not play before needs its settings."""
        parts = _requested_parts(sink, requests)
        if parts == sink.parts:
            return
        if sink in self._playing:
            self._try(partial(sink.silence, now))
        sink.parts = parts
        for setting in self._settings:
            if sink in self._playing:
                self._call(sink, partial(sink.send, dataclasses.replace(setting, time=now)))
            else:
                sink.skip(setting)

    def _store_names(self) -> None:
        """Store the names of the outputs whose notes sound on when this process is killed."""
        if self._active_notes is not None:
            sinks = (*self._playing, *self._awaited)
            try:
                self._active_notes.outputs([sink.name for sink in sinks if sink.outlives_player])
            except OSError as error:
                self.notices.append(f"notes cannot be ended after a kill -9 ({error.strerror})")

    def _collect_notices(self, sink: Sink) -> None:
        """Take over an output's notices."""
        while sink.notices:
            self.notices.append(sink.notices.popleft())

    def _close(self, sink: Sink) -> None:
        if sink.can_continue:
            self._closed[sink.target] = sink
        self._reconnector.close_sink(sink)

    def _poll(self, sink: Sink) -> None:
        if sink.needs_polling:
            self._reconnector.poll(sink)

    def _call(self, sink: Sink, action: Callable[[], None]) -> None:
        """Call an output; if it is lost the others play on."""
        try:
            action()
        except SinkError as error:
            self._drop(sink, str(error))

    def _drop(self, sink: Sink, reason: str) -> None:
        self._playing.remove(sink)
        self.lost += 1
        if sink.may_return:
            self._awaited.append(sink)
            self._reconnector.reconnect(sink)
        else:
            if sink.can_continue:
                self._closed[sink.target] = sink
            with contextlib.suppress(SinkError):
                sink.close()
        if not (self._playing or self._awaited):
            raise SinkError(reason)
        self.notices.append(reason)

    def _restore(self, sink: Sink, now: float) -> None:
        self._awaited.remove(sink)
        self._playing.append(sink)
        self.reconnected += 1
        self.notices.append(f"{sink.name}: connected")
        self._poll(sink)
        self._store_names()
        self._call(sink, partial(sink.resume, now))

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SinkError as error:
            self.notices.append(str(error))


def _requested_parts(sink: Sink, requests: Sequence[Sink]) -> frozenset[str]:
    return together(request.parts for request in requests if sink.fits(request))


def match_outputs(
    present: Sequence[Sink], requested: Sequence[Sink]
) -> tuple[list[Sink], list[Sink]]:
    """Return which of the `present` outputs stay, and which of the `requested` ones are new."""
    staying: list[Sink] = []
    new: list[Sink] = []
    # Exact requests first: `port` matches any output that is left.
    exact = {sink.target for sink in present}
    for request in sorted(requested, key=lambda sink: sink.target not in exact):
        found = next((sink for sink in (*staying, *new, *present) if sink.fits(request)), None)
        if found is None:
            new.append(request)
        elif found not in staying and found not in new:
            staying.append(found)
    return staying, new
