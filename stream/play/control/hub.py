"""All hands of a performance: what they say goes to the desk, what happens they are told."""

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
    from stream.util.event_wait import File

EVENT_SECONDS = 0.1
"""From one look at what has happened to the next ..."""
MOMENT_LOOKS = 3
"""... and so many looks from one account of the counters to the next."""


class ControllerHub:
    """An observer that tells hands what it sees, and brings what they say to the desk."""

    def __init__(self, hands: Sequence[ControllerProcess] = ()) -> None:
        self._hands = list(hands)
        self._deeds: Handlers | None = None
        self._desk: Dispatcher | None = None
        self._told: dict[str, Any] = {}
        self._secrets: set[str] = set()
        """What a hand has said for the owner alone: it goes to screen or log, to no hand."""
        self._looks = 0

    def serve(self, deeds: Handlers, clock: Callable[[], float]) -> None:
        """Do what the hands wish by these deeds. `clock` gives monotonic seconds."""
        if self._hands:
            self._deeds, self._desk = deeds, Dispatcher(deeds, clock)
            deeds.queue.watch()

    @property
    def deadline(self) -> float | None:
        """When `attend` is to be called, whatever the files say (s, monotonic)."""
        wishes = [hand.deadline for hand in self._hands]
        if self._desk:
            wishes.append(self._desk.deadline)
        return earliest(*wishes)

    def files(self) -> list[File]:
        """What to wait for beside the clock."""
        return [file for hand in self._hands for file in hand.files()]

    def attend(self, ready: Sequence[File], now: float) -> None:
        """Hear what hands say, see to those that died, heed what was moved."""
        for hand in self._hands:
            for command in hand.read(ready):
                self._secrets |= {str(command["secret"])} if "secret" in command else set()
                if self._desk:
                    hand.tell(self._desk.obey(command))
            if hand.tend(now):
                self._greet(hand)
        if self._desk:
            self._desk.heed()

    def phrase_started(self, moment: Snapshot) -> None:
        """Nothing to tell: hands know what is queued."""

    def notice(self, text: str) -> None:
        if text not in self._secrets:
            self._tell("notice", text)

    def refresh(self, moment: Snapshot) -> float | None:
        if self._deeds is None:
            return None
        for name, value in self._deeds.state().items():
            if self._told.get(name) != value:
                self._told[name] = value
                self._tell(name, value)
        edits = self._deeds.queue.edits
        while edits:
            self._broadcast(events.edited(edits.popleft()))
        self._looks += 1
        if self._looks % MOMENT_LOOKS == 0:
            self._tell("moment", events.moment(moment))
        return moment.now + EVENT_SECONDS

    def close(self) -> None:
        """End the processes."""
        for hand in self._hands:
            hand.close()

    def _greet(self, hand: ControllerProcess) -> None:
        """Tell one that has begun anew all that there is to know."""
        if self._deeds is not None:
            for name, value in self._deeds.state().items():
                hand.tell(events.line(name, value))
            for slot in self._deeds.queue.slots():
                hand.tell(events.edited(slot))

    def _tell(self, name: str, value: Any) -> None:
        self._broadcast(events.line(name, value))

    def _broadcast(self, line: bytes) -> None:
        for hand in self._hands:
            hand.tell(line)
