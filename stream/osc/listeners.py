"""Who is told what happens: subscriptions that end by themselves, and refusals that are few."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Any

from stream.errors import SettingsError
from stream.osc.datagram import datagram
from stream.osc.event_messages import Report

SUBSCRIBED_SECONDS = 600.0
MOST_LISTENERS = 32
ANSWERS_A_SECOND = 50
"""More are not sent: who asks nonsense for ever is not answered for ever."""


class Allowance:
    """So many answers a second."""

    def __init__(self) -> None:
        self._left = float(ANSWERS_A_SECOND)
        self._taken = 0.0

    def take(self, now: float) -> bool:
        """Whether one more may be sent at `now` (s, monotonic)."""
        refill = (now - self._taken) * ANSWERS_A_SECOND
        self._left = min(self._left + refill, float(ANSWERS_A_SECOND))
        self._taken = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Listeners:
    """Sends datagrams through a socket that never waits; what can not be sent is lost."""

    def __init__(self, sender: socket.socket, always: Any = None) -> None:
        """`always` is an address that is told everything for ever."""
        self._socket = sender
        self._until: dict[Any, float] = {} if always is None else {always: float("inf")}
        self._answers, self._questions = Allowance(), Allowance()

    def subscribe(self, listener: Any, now: float) -> None:
        """Tell `listener` from now (s, monotonic) on. Raises `SettingsError` for one too many."""
        self._expire(now)
        if listener not in self._until and len(self._until) >= MOST_LISTENERS:
            raise SettingsError(f"subscribe: {MOST_LISTENERS} listen already; try again later")
        until = max(self._until.get(listener, 0.0), now + SUBSCRIBED_SECONDS)
        self._until[listener] = until

    def hears(self, host: str) -> bool:
        """Whether somebody of this host is subscribed."""
        return any(listener[0] == host for listener in self._until)

    def unsubscribe(self, listener: Any) -> None:
        self._until.pop(listener, None)

    def tell(self, reports: Iterable[Report], now: float) -> None:
        """Send to all."""
        self._expire(now)
        for report in reports if self._until else ():
            content = datagram(*report)
            for listener in self._until:
                self._send(content, listener)

    def answer(self, reports: Iterable[Report], to: Any, now: float) -> None:
        """Send to one, unless too much was answered lately."""
        for report in reports if self._answers.take(now) else ():
            self._send(datagram(*report), to)

    def ask(self, question: Report, to: Any, now: float) -> None:
        """Send to one who may be anybody: it takes nothing of what those we know are answered."""
        if self._questions.take(now):
            self._send(datagram(*question), to)

    def _expire(self, now: float) -> None:
        self._until = {who: until for who, until in self._until.items() if until > now}

    def _send(self, content: bytes, to: Any) -> None:
        # Nobody may be there, or the network be gone: that is the way of UDP.
        with contextlib.suppress(OSError):
            self._socket.sendto(content, to)
