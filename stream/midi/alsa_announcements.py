"""Announcements of ALSA's sequencer about ports that come and go.

python-rtmidi does not report that its destination has gone, and messages to it are lost. The
sequencer itself announces it at its port System:Announce to every subscriber.
"""

from __future__ import annotations

import ctypes
import os

from stream.errors import SinkError
from stream.util.installation import install_package

OPEN_INPUT, NONBLOCK = 2, 1
CAN_WRITE, NO_EXPORT = 1 << 1, 1 << 7
APPLICATION = 1 << 20
SYSTEM, ANNOUNCE = 0, 1
CLIENT_EXIT, PORT_START, PORT_EXIT, PORT_CHANGE = 61, 63, 64, 65
POLLIN = 1


class _PollDescriptor(ctypes.Structure):
    _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))


class _Event(ctypes.Structure):
    """The part of `snd_seq_event_t` that an announcement uses."""

    _fields_ = (
        ("type", ctypes.c_ubyte),
        ("head", ctypes.c_ubyte * 15),
        ("client", ctypes.c_ubyte),
        ("port", ctypes.c_ubyte),
    )


class Announcements:
    """A subscription whose `fileno` is readable after an announcement. Raises `SinkError`."""

    def __init__(self) -> None:
        try:
            self._alsa = ctypes.CDLL("libasound.so.2")
        except OSError as error:
            remedy = install_package("libasound2")
            raise SinkError(f"ALSA: {error}; run: {remedy}") from error
        self._sequencer = ctypes.c_void_p()
        self._call("snd_seq_open", ctypes.byref(self._sequencer), b"default", OPEN_INPUT, NONBLOCK)
        try:
            self._subscribe()
        except SinkError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._file

    def gone(self, client: int, port: int) -> bool:
        """Return True if the port has gone since the last call, without waiting."""
        departures = {(CLIENT_EXIT, client), (PORT_EXIT, client, port)}
        return any(departures & {found, found[:2]} for found in self._received())

    def came(self) -> bool:
        """Return True if a port has been added or renamed since the last call, without waiting.

        Clients without ports are ignored, because every program that lists ports is such a client.
        """
        return any(kind in {PORT_START, PORT_CHANGE} for kind, _, _ in self._received())

    def close(self) -> None:
        """Unsubscribe."""
        self._alsa.snd_seq_close(self._sequencer)

    def _received(self) -> list[tuple[int, int, int]]:
        """Return type, client and port of each announcement since the last call."""
        received = []
        event = ctypes.POINTER(_Event)()
        while self._alsa.snd_seq_event_input(self._sequencer, ctypes.byref(event)) >= 0:
            found = event.contents
            received.append((found.type, found.client, found.port))
        return received

    def _subscribe(self) -> None:
        sequencer = self._sequencer
        self._call("snd_seq_set_client_name", sequencer, b"Perpetuum announcements")
        capabilities = CAN_WRITE | NO_EXPORT
        port = self._call(
            "snd_seq_create_simple_port", sequencer, b"announcements", capabilities, APPLICATION
        )
        self._call("snd_seq_connect_from", sequencer, port, SYSTEM, ANNOUNCE)
        descriptor = _PollDescriptor()
        self._call("snd_seq_poll_descriptors", sequencer, ctypes.byref(descriptor), 1, POLLIN)
        self._file = int(descriptor.fd)

    def _call(self, name: str, *arguments: object) -> int:
        code = int(getattr(self._alsa, name)(*arguments))
        if code < 0:
            raise SinkError(f"ALSA's sequencer: {name}: {os.strerror(-code)}")
        return code
