"""Hears OSC and the player in turns, and passes on what one says to the other."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from stream.control.socket import PlayerSocket
from stream.control.trusted_hosts import Hosts
from stream.errors import MessageError, SettingsError
from stream.osc.coalescing import CoalescingQueue
from stream.osc.commands import PREFIX, OscCommands
from stream.osc.datagram import MOST_BYTES, messages
from stream.osc.decoding import Message
from stream.osc.event_messages import EventMessages
from stream.osc.listener_keys import ListenerKeys
from stream.osc.listeners import SUBSCRIBED_SECONDS, Listeners
from stream.osc.redaction import without_folders
from stream.util.validate import shown

LOT = 256
"""Datagrams that are read before the player is heard again."""
MOST_QUESTIONS = 1000
"""Commands whose answers are awaited."""


class Server:
    """One socket, one player."""

    def __init__(
        self, hand: PlayerSocket, receiver: socket.socket, hosts: Hosts, always: Any = None
    ) -> None:
        """Hear what comes to `receiver`, a bound UDP socket.

        `hosts` are trusted to be who they say they are; the address `always` is told everything.
        """
        receiver.setblocking(False)
        self._hand = hand
        self._socket = receiver
        self._listeners = Listeners(receiver, always)
        self._hosts = hosts
        self._keys = ListenerKeys()
        self._wishes = OscCommands(hosts)
        self._backlog = CoalescingQueue()
        self._reports = EventMessages()
        self._asked: dict[int, list[Any]] = {}
        """Who is to be told of a refusal, by the command's id."""
        self._id = 0

    def run(self) -> None:
        """Go on until the player ends."""
        files: list[Any] = [self._hand, self._socket]
        while not self._hand.ended:
            ready, _, _ = select.select(files, [], [], self._patience())
            if self._socket in ready:
                self._hear()
            if self._hand in ready:
                for event in self._hand.receive():
                    self._heed(event)
            self._pass_on()

    def _patience(self) -> float | None:
        deadline = self._backlog.deadline()
        return None if deadline is None else max(deadline - time.monotonic(), 0.0)

    def _hear(self) -> None:
        for datagram, sender in self._datagrams():
            for message in messages(datagram):
                try:
                    self._wish(message, sender)
                except SettingsError as error:
                    self._refuse(str(error), sender)

    def _datagrams(self) -> Iterator[tuple[bytes, Any]]:
        # An error is one of a datagram that was sent before: nobody was there.
        with contextlib.suppress(OSError):
            for _ in range(LOT):
                yield self._socket.recvfrom(MOST_BYTES + 1)

    def _wish(self, message: Message, sender: Any) -> None:
        address, arguments = message
        if address == f"{PREFIX}subscribe":
            self._subscribe(_listener(arguments, sender))
        elif address == f"{PREFIX}confirm":
            self._confirm(arguments, sender)
        elif address == f"{PREFIX}unsubscribe":
            self._listeners.unsubscribe(_listener(arguments, sender))
        elif command := self._wishes.command(address, arguments, sender[0]):
            self._backlog.put(command, sender)

    def _subscribe(self, listener: Any) -> None:
        """Tell the listener from now on; first of all its key, if its address may be forged."""
        if listener[0] in self._hosts:
            self._welcome(listener)
        else:
            key = (f"{PREFIX}confirm", (self._keys.of(listener),))
            self._listeners.ask(key, listener, time.monotonic())

    def _confirm(self, arguments: tuple[Any, ...], sender: Any) -> None:
        """Somebody has read its key; a wrong one is not answered."""
        key, *port = arguments or (0,)
        listener = _listener(tuple(port), sender)
        if key == self._keys.of(listener):
            self._welcome(listener)

    def _welcome(self, listener: Any) -> None:
        now = time.monotonic()
        self._listeners.subscribe(listener, now)
        subscribed = (f"{PREFIX}subscribed", (SUBSCRIBED_SECONDS,))
        self._listeners.answer([subscribed, *self._reports.state()], listener, now)

    def _pass_on(self) -> None:
        for entry in self._backlog.take(time.monotonic()):
            self._id += 1
            self._asked[self._id] = entry.senders
            if len(self._asked) > MOST_QUESTIONS:
                del self._asked[next(iter(self._asked))]
            try:
                self._hand.send({**entry.command, "id": self._id})
            except MessageError as error:
                for sender in self._asked.pop(self._id):
                    self._refuse(str(error), sender)

    def _heed(self, event: Mapping[str, Any]) -> None:
        with contextlib.suppress(SettingsError):
            self._wishes.heed(event)
        self._listeners.tell(self._reports.of(event), time.monotonic())
        answer = event.get("answer")
        for sender in self._asked.pop(answer, []) if isinstance(answer, int) else []:
            if isinstance(event.get("refused"), str):
                self._refuse(without_folders(event["refused"]), sender)
            elif isinstance(event.get("file"), str):
                self._answer("saved", PurePath(event["file"]).name, sender)

    def _refuse(self, reason: str, sender: Any) -> None:
        self._answer("refused", reason, sender)

    def _answer(self, name: str, text: str, sender: Any) -> None:
        """To who can not be somebody else: whose address is forged never asked for an answer."""
        if sender[0] in self._hosts or self._listeners.hears(sender[0]):
            report = (f"{PREFIX}{name}", (text,))
            self._listeners.answer([report], sender, time.monotonic())


def _listener(arguments: tuple[Any, ...], sender: Any) -> Any:
    """The sender's address, with the port that it wishes."""
    if not arguments:
        return sender
    port = arguments[0]
    if isinstance(port, float) and port.is_integer():
        port = int(port)
    if type(port) is not int or not 1 <= port <= 65535:
        raise SettingsError(f"subscribe: {shown(port)} is no port; give one of 1 to 65535, or none")
    return (sender[0], port, *sender[2:])
