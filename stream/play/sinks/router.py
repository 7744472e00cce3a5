"""All outputs of a performance: those that play, and those that are lost and awaited."""

from __future__ import annotations

import contextlib
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.sinks.reconnect import Reconnector

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.play.sinks.active_notes import ActiveNotes
    from stream.play.sinks.base import Sink
    from stream.play.timing.scheduler import TimedMessage
    from stream.util.event_wait import File


class Router:
    """Sends to every output that is there; one that is lost costs the others nothing.

    `playing` are connected, `absent` are awaited; `sounding`, if given, keeps what sounds for the
    case that this process is killed.
    """

    def __init__(
        self,
        playing: Sequence[Sink],
        absent: Sequence[Sink] = (),
        sounding: ActiveNotes | None = None,
    ) -> None:
        self.lost = 0
        """Times an output was lost ..."""
        self.back = 0
        """... or found."""
        self.notices: deque[str] = deque()
        """What the listener should know, a line each; whoever tells it takes it out."""
        self._playing = list(playing)
        self._awaited = list(absent)
        self._closed: dict[str, Sink] = {}
        """Recordings that go on when they are chosen again, by what they lead to."""
        self._sounding = sounding
        self._reconnector = Reconnector()
        for sink in self._playing:
            self._watch(sink)
            self._hear(sink)
        for sink in self._awaited:
            self._reconnector.find(sink)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the outputs that play."""
        return tuple(sink.name for sink in self._playing)

    def files(self) -> list[File]:
        """What to wait for beside the clock."""
        watched = [file for sink in self._playing for file in sink.watched()]
        return [self._reconnector, *watched]

    def attend(self, ready: Sequence[File], now: float) -> None:
        """See to the files that can be read. Raises `SinkError` when nothing can play any more."""
        for sink in tuple(self._playing):
            if any(file in ready for file in sink.watched()):
                self._guard(sink, sink.check)
        if self._reconnector in ready:
            for news in self._reconnector.news():
                if news.connected and news.sink in self._awaited:
                    self._welcome(news.sink, now)
                elif not news.connected and news.sink in self._playing:
                    self._drop(news.sink, f"{news.sink.name}: lost (it stands still)")

    def send(self, timed: TimedMessage) -> None:
        """Pass a message on. Raises `SinkError` when nothing can play any more."""
        # Killed in between we must not have forgotten a note that sounds.
        ends = timed.message.type == "note_off"
        if self._sounding is not None and not ends:
            self._sounding.note(timed.message)
        for sink in tuple(self._playing):
            self._guard(sink, partial(sink.send, timed))
        if self._sounding is not None and ends:
            self._sounding.note(timed.message)
        for sink in self._awaited:
            sink.miss(timed)

    def flush(self, time: float) -> None:
        """Make safe what was recorded up to `time` (s). Raises as `send` does."""
        self._reconnector.wake()
        for sink in tuple(self._playing):
            self._guard(sink, partial(sink.flush, time))
            self._hear(sink)

    def silence(self, time: float) -> None:
        """End what sounds, everywhere. That an output is lost by now is only worth a notice."""
        for sink in self._playing:
            self._release(partial(sink.silence, time))

    def route(self, sinks: Sequence[Sink], now: float) -> None:
        """Play to these, which are not connected, from now on.

        Only what is new is opened, and only what is gone is closed: where an output plays, or is
        awaited, that fits one of these, it goes on as it is.
        """
        staying, new = sorted_out((*self._playing, *self._awaited), sinks)
        for sink in [sink for sink in self._playing if sink not in staying]:
            self._release(partial(sink.silence, now))
            self._playing.remove(sink)
            self._dismiss(sink)
        for sink in [sink for sink in self._awaited if sink not in staying]:
            self._awaited.remove(sink)
            self._dismiss(sink)
        for sink in new:
            found = self._closed.pop(sink.target, sink)
            self._awaited.append(found)
            self._reconnector.find(found)
        self._remember()

    def close(self) -> None:
        """Let all outputs go, which takes longer than to silence them."""
        self._reconnector.close()
        for sink in self._playing:
            self._release(sink.close)
            self._hear(sink)
        self._playing.clear()
        if self._sounding is not None:
            self._sounding.close()
            self._sounding = None
        for news in self._reconnector.news():
            if news.connected:
                self._release(news.sink.close)

    def _remember(self) -> None:
        """Keep the names of the outputs whose notes sound on when this process is killed."""
        if self._sounding is not None:
            sinks = (*self._playing, *self._awaited)
            try:
                self._sounding.outputs([sink.name for sink in sinks if sink.outlives_us])
            except OSError as error:
                self.notices.append(f"notes can not be ended after a kill -9 ({error.strerror})")

    def _hear(self, sink: Sink) -> None:
        """Take over what an output has to tell."""
        while sink.notices:
            self.notices.append(sink.notices.popleft())

    def _dismiss(self, sink: Sink) -> None:
        if sink.continues:
            self._closed[sink.target] = sink
        self._reconnector.dismiss(sink)

    def _watch(self, sink: Sink) -> None:
        if sink.has_pulse:
            self._reconnector.watch(sink)

    def _guard(self, sink: Sink, action: Callable[[], None]) -> None:
        """Let a sink act; if it is lost the others play on."""
        try:
            action()
        except SinkError as error:
            self._drop(sink, str(error))

    def _drop(self, sink: Sink, why: str) -> None:
        self._playing.remove(sink)
        self.lost += 1
        if sink.returns:
            self._awaited.append(sink)
            self._reconnector.seek(sink)
        else:
            if sink.continues:
                self._closed[sink.target] = sink
            with contextlib.suppress(SinkError):
                sink.close()
        if not (self._playing or self._awaited):
            raise SinkError(why)
        self.notices.append(why)

    def _welcome(self, sink: Sink, now: float) -> None:
        self._awaited.remove(sink)
        self._playing.append(sink)
        self.back += 1
        self.notices.append(f"{sink.name}: there")
        self._watch(sink)
        self._remember()
        self._guard(sink, partial(sink.resume, now))

    def _release(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SinkError as error:
            self.notices.append(str(error))


def sorted_out(there: Sequence[Sink], wished: Sequence[Sink]) -> tuple[list[Sink], list[Sink]]:
    """Which of the outputs that are `there` stay, and which of the `wished` ones are new."""
    staying: list[Sink] = []
    new: list[Sink] = []
    # A wish that names an output wholly comes first: `port` is content with any that is left.
    exact = {sink.target for sink in there}
    for wish in sorted(wished, key=lambda sink: sink.target not in exact):
        found = next((sink for sink in (*staying, *new, *there) if sink.fits(wish)), None)
        if found is None:
            new.append(wish)
        elif found not in staying and found not in new:
            staying.append(found)
    return staying, new
