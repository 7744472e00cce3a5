"""Detect the end of a JACK server.

python-rtmidi does not notice it: the ports of a dead server are listed forever, and once the buffer
is full, sending waits for a reader that never comes. JACK itself notifies a client that asks.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select

from stream.errors import SinkError

NO_START_SERVER = 1
NAME = b"Perpetuum watch"


class ServerWatch:
    """A client without ports, whose `fileno` is readable once its server has ended.

    Raises `SinkError` if no server runs.
    """

    def __init__(self) -> None:
        self._jack = _library()
        self._jack.jack_client_open.restype = ctypes.c_void_p
        # Keep the library's threads from writing to the terminal when a server ends.
        self._jack.jack_set_error_function(_function("strlen"))
        self._jack.jack_set_info_function(_function("strlen"))
        client = self._jack.jack_client_open(NAME, NO_START_SERVER, None)
        if not client:
            raise SinkError("JACK: no server is running; start it again")
        self._client = ctypes.c_void_p(client)
        self._read, self._write = os.pipe2(os.O_CLOEXEC)
        # JACK's thread closes the pipe without Python: waiting for Python's lock there could
        # deadlock with a thread that holds the lock and waits for JACK.
        end = ctypes.c_void_p(self._write)
        self._jack.jack_on_shutdown(self._client, _function("close"), end)

    def fileno(self) -> int:
        return self._read

    def gone(self) -> bool:
        """Return True if the server has ended, without waiting."""
        return bool(select.select([self._read], [], [], 0)[0])

    def close(self) -> None:
        """Close the client and the pipe."""
        self._jack.jack_client_close(self._client)
        if not self.gone():  # otherwise JACK has closed it
            os.close(self._write)
        os.close(self._read)


def _library() -> ctypes.CDLL:
    """Return the JACK library that python-rtmidi uses, which may be its own copy."""
    from rtmidi import _rtmidi

    return ctypes.CDLL(_rtmidi.__file__)


def _function(name: str) -> ctypes.c_void_p:
    """Return a function of the C library as a callback."""
    return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p)


def server_watch() -> ServerWatch | None:
    """Watch the server that a client has just found; return None if that is not possible."""
    with contextlib.suppress(SinkError):
        return ServerWatch()
    return None
