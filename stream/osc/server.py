"""Server that forwards OSC messages to the player and events of the player to listeners."""

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

BATCH = 256
"""Most datagrams that are read before events of the player are read again."""
MOST_QUESTIONS = 1000
"""Most commands whose answers are awaited."""


class Server:
    """Bridge between one UDP socket and one player."""

    def __init__(
        self, player: PlayerSocket, receiver: socket.socket, hosts: Hosts, permanent: Any = None
    ) -> None:
        """Receive from `receiver`, a bound UDP socket.

        Sender addresses of `hosts` are trusted; the address `permanent` is always sent all events.
        """
        receiver.setblocking(False)
        self._player = player
        self._socket = receiver
        self._listeners = Listeners(receiver, permanent)
        self._hosts = hosts
        self._keys = ListenerKeys()
        self._commands = OscCommands(hosts)
        self._queue = CoalescingQueue()
        self._events = EventMessages()
        self._senders: dict[int, list[Any]] = {}
        """Senders of the commands that are not answered yet, by the command's id."""
        self._id = 0

    def run(self) -> None:
        """Serve until the player ends."""
        files: list[Any] = [self._player, self._socket]
        while not self._player.ended:
            ready, _, _ = select.select(files, [], [], self._timeout())
            if self._socket in ready:
                self._receive()
            if self._player in ready:
                for event in self._player.receive():
                    self._handle_event(event)
            self._forward()

    def _timeout(self) -> float | None:
        """Return the seconds until queued commands are due; None if there are none."""
        deadline = self._queue.deadline()
        return None if deadline is None else max(deadline - time.monotonic(), 0.0)

    def _receive(self) -> None:
        for datagram, sender in self._datagrams():
            for message in messages(datagram):
                try:
                    self._handle(message, sender)
                except SettingsError as error:
                    self._refuse(str(error), sender)

    def _datagrams(self) -> Iterator[tuple[bytes, Any]]:
        # An error belongs to a datagram that was sent before: its receiver was gone.
        with contextlib.suppress(OSError):
            for _ in range(BATCH):
                yield self._socket.recvfrom(MOST_BYTES + 1)

    def _handle(self, message: Message, sender: Any) -> None:
        address, arguments = message
        if address == f"{PREFIX}subscribe":
            self._subscribe(_listener(arguments, sender))
        elif address == f"{PREFIX}confirm":
            self._confirm(arguments, sender)
        elif address == f"{PREFIX}unsubscribe":
            self._listeners.unsubscribe(_listener(arguments, sender))
        elif command := self._commands.command(address, arguments, sender[0]):
            self._queue.put(command, sender)

    def _subscribe(self, listener: Any) -> None:
        """Subscribe the listener, or send it its key first if its address may be forged."""
        if listener[0] in self._hosts:
            self._accept(listener)
        else:
            key = (f"{PREFIX}confirm", (self._keys.of(listener),))
            self._listeners.ask(key, listener, time.monotonic())

    def _confirm(self, arguments: tuple[Any, ...], sender: Any) -> None:
        """Subscribe a listener that sends its key back; a wrong key is not answered."""
        key, *port = arguments or (0,)
        listener = _listener(tuple(port), sender)
        if key == self._keys.of(listener):
            self._accept(listener)

    def _accept(self, listener: Any) -> None:
        """Subscribe the listener and send it the state."""
        now = time.monotonic()
        self._listeners.subscribe(listener, now)
        subscribed = (f"{PREFIX}subscribed", (SUBSCRIBED_SECONDS,))
        self._listeners.answer([subscribed, *self._events.state()], listener, now)

    def _forward(self) -> None:
        for entry in self._queue.pop_due(time.monotonic()):
            self._id += 1
            self._senders[self._id] = entry.senders
            if len(self._senders) > MOST_QUESTIONS:
                del self._senders[next(iter(self._senders))]
            try:
                self._player.send({**entry.command, "id": self._id})
            except MessageError as error:
                for sender in self._senders.pop(self._id):
                    self._refuse(str(error), sender)

    def _handle_event(self, event: Mapping[str, Any]) -> None:
        with contextlib.suppress(SettingsError):
            self._commands.update(event)
        self._listeners.broadcast(self._events.of(event), time.monotonic())
        answer = event.get("answer")
        for sender in self._senders.pop(answer, []) if isinstance(answer, int) else []:
            if isinstance(event.get("refused"), str):
                self._refuse(without_folders(event["refused"]), sender)
            elif isinstance(event.get("file"), str):
                self._answer("saved", PurePath(event["file"]).name, sender)

    def _refuse(self, reason: str, sender: Any) -> None:
        self._answer("refused", reason, sender)

    def _answer(self, name: str, text: str, sender: Any) -> None:
        """Answer a sender whose address is proven; a forged address must not receive answers."""
        if sender[0] in self._hosts or self._listeners.has_host(sender[0]):
            message = (f"{PREFIX}{name}", (text,))
            self._listeners.answer([message], sender, time.monotonic())


def _listener(arguments: tuple[Any, ...], sender: Any) -> Any:
    """Return the sender's address with the port that it requests, if any."""
    if not arguments:
        return sender
    port = arguments[0]
    if isinstance(port, float) and port.is_integer():
        port = int(port)
    if type(port) is not int or not 1 <= port <= 65535:
        raise SettingsError(f"subscribe: {shown(port)} is not a port; give 1 to 65535, or no value")
    return (sender[0], port, *sender[2:])
