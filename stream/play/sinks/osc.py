"""Sends notes as Open Sound Control, for SuperCollider, Pure Data, Max and the like."""

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
"""Values sent for each type of MIDI message, in this order; other types are not sent."""
NAMES = {"control_change": "cc", "program_change": "program", "pitchwheel": "bend"}
"""Message types with a shorter OSC address."""
LOOKUP_SECONDS = 5.0
"""Seconds to wait for the lookup of a host when an output is opened at the start."""
COUNTED_FROM_ONE = frozenset({"channel", "program"})


class OscSink(Sink):
    """Sends one datagram a message to `address`, even if no program listens. Raises `SinkError`."""

    may_return = True
    clocked = True
    outlives_player = True

    def __init__(self, address: Address) -> None:
        super().__init__(f"osc:{address}")
        self._destination = address
        self._lookup: HostLookup | None = None
        self._timeout = LOOKUP_SECONDS
        self._socket: socket.socket | None = None
        self._prefixes: dict[str, bytes] = {}

    @property
    def target(self) -> str:
        return self.name.lower()

    def connect(self) -> None:
        self._prefixes = _prefixes()
        try:
            family, self._address = self._current_lookup().result(self._timeout)
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            raise SinkError(
                f"--out {self.name}: {error.strerror or error}; name a host that can be resolved",
            ) from error
        self._socket.setblocking(False)

    def prepare(self) -> None:
        self._timeout = 0.0
        self._current_lookup()

    def _current_lookup(self) -> HostLookup:
        """Return the lookup that is running, or has ended."""
        if self._lookup is None or self._lookup.needs_retry:
            self._lookup = HostLookup(self._destination)
        return self._lookup

    def _write(self, timed: TimedMessage) -> None:
        message = timed.message
        prefix = self._prefixes.get(message.type)
        if prefix is None or self._socket is None:
            return
        values = [_value(message, name) for name in VALUES[message.type]]
        # UDP guarantees nothing: the buffer may be full, the network down, the receiver absent.
        with contextlib.suppress(OSError):
            self._socket.sendto(prefix + struct.pack(f">{len(values)}i", *values), self._address)

    def _release(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _value(message: Any, name: str) -> int:
    return int(getattr(message, name)) + (name in COUNTED_FROM_ONE)


def _prefixes() -> dict[str, bytes]:
    """Return the first bytes of each message, which never change: only numbers follow."""
    try:
        from pythonosc.osc_message_builder import OscMessageBuilder
    except ImportError as error:
        raise SinkError(
            f"--out osc: python-osc is not installed; run: {install_extra('osc')}"
        ) from error
    prefixes = {}
    for kind, names in VALUES.items():
        builder = OscMessageBuilder(f"/perpetuum/{NAMES.get(kind, kind)}")
        for _ in names:
            builder.add_arg(0, OscMessageBuilder.ARG_TYPE_INT)
        content = bytes(builder.build().dgram)
        prefixes[kind] = content[: len(content) - 4 * len(names)]
    return prefixes
