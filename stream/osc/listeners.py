"""Who is told what happens: subscriptions that end by themselves, and refusals that are few."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Any

from stream.errors import SettingsError
from stream.osc.datagram import datagram
from stream.osc.reports import Report

SUBSCRIBED_SECONDS = 600.0
MOST_LISTENERS = 32
ANSWERS_A_SECOND = 50
"""More are not sent: who asks nonsense for ever is not answered for ever."""


class Listeners:
    """Sends datagrams through a socket that never waits; what can not be sent is lost."""

    def __init__(self, sender: socket.socket, always: Any = None) -> None:
        """`always` is an address that is told everything for ever."""
        self._socket = sender
        self._until: dict[Any, float] = {} if always is None else {always: float("inf")}
        self._answers = float(ANSWERS_A_SECOND)
        self._answered = 0.0

    def subscribe(self, listener: Any, now: float) -> None:
        """Tell `listener` from now (s, monotonic) on. Raises `SettingsError` for one too many."""
        self._expire(now)
        if listener not in self._until and len(self._until) >= MOST_LISTENERS:
            raise SettingsError(f"subscribe: {MOST_LISTENERS} listen already; try again later")
        until = max(self._until.get(listener, 0.0), now + SUBSCRIBED_SECONDS)
        self._until[listener] = until

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
        refill = (now - self._answered) * ANSWERS_A_SECOND
        self._answers = min(self._answers + refill, float(ANSWERS_A_SECOND))
        self._answered = now
        if self._answers < 1:
            return
        self._answers -= 1
        for report in reports:
            self._send(datagram(*report), to)

    def _expire(self, now: float) -> None:
        self._until = {who: until for who, until in self._until.items() if until > now}

    def _send(self, content: bytes, to: Any) -> None:
        # Nobody may be there, or the network be gone: that is the way of UDP.
        with contextlib.suppress(OSError):
            self._socket.sendto(content, to)
