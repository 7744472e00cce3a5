"""A serial MIDI instrument: receiver.py DEVICE BYTES makes a pseudo-terminal that is called DEVICE,
and appends what arrives there to the file BYTES, until its standard input ends. Runs inside the
system under test.
"""

import os
import select
import sys
import tty

device, received = sys.argv[1:]
master, port = os.openpty()  # kept open here: a player that goes is no end
tty.setraw(port)
os.chmod(os.ttyname(port), 0o666)
file = os.open(received, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.symlink(os.ttyname(port), device)
while True:
    ready = select.select([sys.stdin, master], [], [])[0]
    if sys.stdin in ready:
        break
    os.write(file, os.read(master, 4096))
