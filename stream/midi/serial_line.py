"""Serial lines for MIDI: their rate, and a lock, because two senders would mix their messages.

The two directions of a line are independent: one player may read while another one sends. So each
direction is locked on its own.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct

SEND, READ = 0, 1
"""Directions of a line, each a byte of the device's file that can be locked."""
BAUD = 31250
"""Bits a second of MIDI. With the Pi's `midi-uart0` overlay, which scales the clock, use 38400."""
LOCK = "@hhqqi0q"
"""Format of `struct flock`: kind, origin of the start, start, length, process."""


def claim(file: int, direction: int) -> None:
    """Lock a direction of the line that `file` is open on, until it is closed.

    The lock belongs to the open file, so that it also excludes this process. Raises `OSError` if
    the direction is locked already.
    """
    lock = struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, direction, 1, 0)
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            use = "sends to" if direction == SEND else "reads from"
            raise OSError(errno.EBUSY, f"another program {use} it already") from error
        raise
