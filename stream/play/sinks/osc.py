"""Notes as Open Sound Control, for SuperCollider, Pure Data, Max and the like."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.play.sinks.base import Sink
from stream.play.sinks.host_lookup import HostLookup
from stream.util.installation import install_extra

if TYPE_CHECKING:
    from stream.play.timing.scheduler import TimedMessage
    from stream.util.address import Address

VALUES = {
    "note_on": ("channel", "note", "velocity"),
    "note_off": ("channel", "note"),
    "control_change": ("channel", "control", "value"),
    "program_change": ("channel", "program"),
    "pitchwheel": ("channel", "pitch"),
    "clock": (),
    "start": (),
    "continue": (),
    "stop": (),
    "songpos": ("pos",),
}
"""What is sent of each MIDI message, in this order; what is not here is not sent."""
NAMES = {"control_change": "cc", "program_change": "program", "pitchwheel": "bend"}
"""Messages that OSC has a shorter address for."""
PATIENCE_SECONDS = 5.0
"""For a host to be found, where an output is opened at the start."""
COUNTED_FROM_ONE = frozenset({"channel", "program"})


class OscSink(Sink):
    """A datagram a message to `address`; nobody has to be there. Raises `SinkError`."""

    returns = True
    clocked = True
    outlives_us = True

    def __init__(self, address: Address) -> None:
        super().__init__(f"osc:{address}")
        self._to = address
        self._lookup: HostLookup | None = None
        self._patience = PATIENCE_SECONDS
        self._socket: socket.socket | None = None
        self._heads: dict[str, bytes] = {}

    @property
    def target(self) -> str:
        return self.name.lower()

    def connect(self) -> None:
        self._heads = _heads()
        try:
            family, self._address = self._looked_up().result(self._patience)
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise SinkError(
                f"--out {self.name}: {error.strerror or error}; name a host that is known here",
            ) from error
        self._socket.setblocking(False)

    def prepare(self) -> None:
        self._patience = 0.0
        self._looked_up()

    def _looked_up(self) -> HostLookup:
        """The lookup that goes on, or has ended."""
        if self._lookup is None or self._lookup.stale:
            self._lookup = HostLookup(self._to)
        return self._lookup

    def _write(self, timed: TimedMessage) -> None:
        message = timed.message
        head = self._heads.get(message.type)
        if head is None or self._socket is None:
            return
        values = [_value(message, name) for name in VALUES[message.type]]
        # A full buffer, a network that is gone, nobody there: UDP promises nothing.
        with contextlib.suppress(OSError):
            self._socket.sendto(head + struct.pack(f">{len(values)}i", *values), self._address)

    def _release(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _value(message: Any, name: str) -> int:
    return int(getattr(message, name)) + (name in COUNTED_FROM_ONE)


def _heads() -> dict[str, bytes]:
    """The beginning of each message, which is always the same: only numbers follow."""
    try:
        from pythonosc.osc_message_builder import OscMessageBuilder
    except ImportError as error:
        raise SinkError(
            f"--out osc: python-osc is not installed; run: {install_extra('osc')}"
        ) from error
    heads = {}
    for kind, names in VALUES.items():
        builder = OscMessageBuilder(f"/perpetuum/{NAMES.get(kind, kind)}")
        for _ in names:
            builder.add_arg(0, OscMessageBuilder.ARG_TYPE_INT)
        content = bytes(builder.build().dgram)
        heads[kind] = content[: len(content) - 4 * len(names)]
    return heads
