"""Listeners to the events of the player: subscriptions that expire, and a limited answer rate."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable
from typing import Any

from stream.errors import SettingsError
from stream.osc.datagram import datagram
from stream.osc.decoding import Message
from stream.util.rate_limit import RateLimit

SUBSCRIBED_SECONDS = 600.0
"""Duration of a subscription."""
MOST_LISTENERS = 32
ANSWERS_A_SECOND = 50
"""Most answers a second, so that a flood of invalid messages does not cause a flood of refusals."""


class Listeners:
    """Sender of datagrams through a non-blocking socket; a datagram that fails is lost."""

    def __init__(self, sender: socket.socket, permanent: Any = None) -> None:
        """Send everything to the address `permanent`, which never expires."""
        self._socket = sender
        self._until: dict[Any, float] = {} if permanent is None else {permanent: float("inf")}
        self._answers, self._questions = (
            RateLimit(ANSWERS_A_SECOND, ANSWERS_A_SECOND) for _ in range(2)
        )

    def subscribe(self, listener: Any, now: float) -> None:
        """Send events to `listener` from `now` (s, monotonic) on.

        Raises `SettingsError` if there are too many listeners.
        """
        self._expire(now)
        if listener not in self._until and len(self._until) >= MOST_LISTENERS:
            raise SettingsError(
                f"subscribe: {MOST_LISTENERS} listeners are subscribed already; try again later"
            )
        until = max(self._until.get(listener, 0.0), now + SUBSCRIBED_SECONDS)
        self._until[listener] = until

    def has_host(self, host: str) -> bool:
        """Return whether a listener on this host is subscribed."""
        return any(listener[0] == host for listener in self._until)

    def unsubscribe(self, listener: Any) -> None:
        self._until.pop(listener, None)

    def broadcast(self, messages: Iterable[Message], now: float) -> None:
        """Send messages to all listeners."""
        self._expire(now)
        for message in messages if self._until else ():
            content = datagram(*message)
            for listener in self._until:
                self._send(content, listener)

    def answer(self, messages: Iterable[Message], to: Any, now: float) -> None:
        """Send messages to one address, unless too many answers were sent recently."""
        for message in messages if self._answers.allows(now) else ():
            self._send(datagram(*message), to)

    def ask(self, question: Message, to: Any, now: float) -> None:
        """Send a question to an unproven address, at a rate of its own beside that of answers."""
        if self._questions.allows(now):
            self._send(datagram(*question), to)

    def _expire(self, now: float) -> None:
        self._until = {each: until for each, until in self._until.items() if until > now}

    def _send(self, content: bytes, to: Any) -> None:
        # UDP: the receiver or the network may be gone.
        with contextlib.suppress(OSError):
            self._socket.sendto(content, to)
