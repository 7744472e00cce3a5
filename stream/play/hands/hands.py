"""All hands of a performance: what they say goes to the desk, what happens they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.play.hands import events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stream.play.driver import File
    from stream.play.hands.child import Hand
    from stream.play.hands.desk import Desk
    from stream.play.observer import Moment, Slot
    from stream.play.performance import Performance

EVENT_SECONDS = 0.1
"""From one look at what has happened to the next ..."""
MOMENT_LOOKS = 3
"""... and so many looks from one account of the counters to the next."""


class Hands:
    """An observer that tells hands what it sees, and brings what they say to the desk."""

    def __init__(self, hands: Sequence[Hand], hello: Mapping[str, Any]) -> None:
        self._hands = list(hands)
        self._hello = dict(hello)
        self._performance: Performance | None = None
        self._desk: Desk | None = None
        self._told: dict[str, Any] = {}
        self._looks = 0

    def serve(self, performance: Performance, desk: Desk) -> None:
        """Be at the service of a performance."""
        self._performance, self._desk = performance, desk
        if self._hands:
            performance.queue.watch()

    @property
    def deadline(self) -> float | None:
        """When `attend` is to be called, whatever the files say (s, monotonic)."""
        wishes = [hand.deadline for hand in self._hands]
        if self._desk:
            wishes.append(self._desk.deadline)
        return min((at for at in wishes if at is not None), default=None)

    def files(self) -> list[File]:
        """What to wait for beside the clock."""
        return [file for hand in self._hands for file in hand.files()]

    def attend(self, ready: Sequence[File], now: float) -> None:
        """Hear what hands say, see to those that died, heed what was moved."""
        for hand in self._hands:
            for command in hand.read(ready):
                if self._desk:
                    hand.tell(self._desk.obey(command))
            if hand.tend(now):
                self._greet(hand)
        if self._desk:
            self._desk.heed()

    def phrase_started(self, moment: Moment) -> None:
        """Nothing to tell: hands know what is queued."""

    def notice(self, text: str) -> None:
        self._tell("notice", text)

    def refresh(self, moment: Moment) -> float | None:
        performance = self._performance
        if not self._hands or performance is None:
            return None
        if not self._told:
            for hand in self._hands:
                self._greet(hand)
        edits = performance.queue.edits
        while edits:
            self._broadcast(events.edited(edits.popleft()))
        for name, value in self._state(performance).items():
            if self._told.get(name) != value:
                self._told[name] = value
                self._tell(name, value)
        self._looks += 1
        if self._looks % MOMENT_LOOKS == 0:
            self._tell("moment", events.moment(moment))
        return moment.seen_at + EVENT_SECONDS

    def close(self) -> None:
        """End the processes."""
        for hand in self._hands:
            hand.close()

    def _state(self, performance: Performance) -> dict[str, Any]:
        return {
            "controls": events.controls(performance.supply.controls),
            "playing": performance.transport.held is None,
            "outputs": list(performance.outputs),
        }

    def _greet(self, hand: Hand) -> None:
        """Tell one that has just begun all that there is to know."""
        performance = self._performance
        if performance is None:
            return
        hand.tell(events.line("hello", self._hello))
        for name, value in self._state(performance).items():
            hand.tell(events.line(name, value))
        for slot in performance.queue.slots():
            hand.tell(events.edited(slot))

    def _tell(self, name: str, value: Any) -> None:
        self._broadcast(events.line(name, value))

    def _broadcast(self, line: bytes) -> None:
        for hand in self._hands:
            hand.tell(line)


class Audience:
    """Several observers, as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)
