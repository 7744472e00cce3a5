"""What tells that a JACK server has ended.

python-rtmidi goes on as if nothing had happened: the ports of a dead server are listed for ever,
and whoever sends waits, once the buffer is full, for a reader that never comes. JACK itself tells a
client that asks.
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
    """A client without ports; `fileno` can be read once its server has ended.

    Raises `SinkError` where there is no server.
    """

    def __init__(self) -> None:
        self._jack = _library()
        self._jack.jack_client_open.restype = ctypes.c_void_p
        # From now on the library is silent: when a server ends, its threads write on the terminal.
        self._jack.jack_set_error_function(_function("strlen"))
        self._jack.jack_set_info_function(_function("strlen"))
        client = self._jack.jack_client_open(NAME, NO_START_SERVER, None)
        if not client:
            raise SinkError("JACK: there is no server; start it again")
        self._client = ctypes.c_void_p(client)
        self._read, self._write = os.pipe2(os.O_CLOEXEC)
        # JACK's thread closes the pipe itself, and needs no Python for that: who waited for
        # Python's lock there could wait for somebody who holds it and waits for JACK.
        end = ctypes.c_void_p(self._write)
        self._jack.jack_on_shutdown(self._client, _function("close"), end)

    def fileno(self) -> int:
        return self._read

    def gone(self) -> bool:
        """Whether the server has ended; never waits."""
        return bool(select.select([self._read], [], [], 0)[0])

    def close(self) -> None:
        """Watch no longer."""
        self._jack.jack_client_close(self._client)
        if not self.gone():  # else JACK has closed it
            os.close(self._write)
        os.close(self._read)


def _library() -> ctypes.CDLL:
    """The JACK library that python-rtmidi uses: it may have brought its own."""
    from rtmidi import _rtmidi

    return ctypes.CDLL(_rtmidi.__file__)


def _function(name: str) -> ctypes.c_void_p:
    """A function of the C library, as something to call back."""
    return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p)


def server_watch() -> ServerWatch | None:
    """A watch of the server that a client has just found; None where none can be had."""
    with contextlib.suppress(SinkError):
        return ServerWatch()
    return None
