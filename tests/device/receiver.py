"""A serial MIDI instrument: receiver.py DEVICE BYTES.

It makes a pseudo-terminal at the path DEVICE, and appends the bytes that arrive there to the file
BYTES until its standard input ends. It runs inside the system under test.
"""

import os
import select
import sys
import tty
from pathlib import Path

device, received = map(Path, sys.argv[1:])
master, port = os.openpty()  # kept open, so that it outlives a player
tty.setraw(port)
name = Path(os.ttyname(port))
name.chmod(0o666)  # the service has its own user
file = os.open(received, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
device.symlink_to(name)
while True:
    ready = select.select([sys.stdin, master], [], [])[0]
    if sys.stdin in ready:
        break
    os.write(file, os.read(master, 4096))
