"""Serial lines for MIDI: the rate, and a lock, because two senders would mix their messages.

A line is two one-way lines: who reads from it is in nobody's way who sends to it, be it the same
player or another one. So the halves are claimed one by one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct

SEND, READ = 0, 1
"""The halves: each is a byte of the device's file that can be locked."""
BAUD = 31250
"""The MIDI rate. With the Pi's `midi-uart0` overlay, which scales the clock, ask for 38400."""
LOCK = "@hhqqi0q"
"""`struct flock`: kind, from where the start is counted, start, length, process."""


def claim(file: int, half: int) -> None:
    """Take a half of the line that `file` is open on, until that is closed.

    The claim is the open file's own, so that it also stands against this process. Raises `OSError`
    where the half is taken.
    """
    lock = struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, half, 1, 0)
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES}:
            doing = "sends to" if half == SEND else "reads from"
            raise OSError(errno.EBUSY, f"another program {doing} it already") from error
        raise
