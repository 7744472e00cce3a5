"""A controller with a fault: `python -m tests.data.faulty_controller '{"fault": FAULT}'`.

FAULT is `die` (at once), `complain` (it sends the reason, then dies), `misuse` (it sends the reason
and exits with 2), `hang` (it reads nothing), `close` (it lives, but its socket is closed), `babble`
(commands between invalid lines, without end), `speak` (a few commands, one of them too long), or
`echo` (it sends what it receives).
"""

import os
import signal
import sys

from stream.control.socket import PlayerSocket, settings_argument

LINES = (
    b'{"panic":true}\nno JSON\n[1]\n\xff\xfe\n\n{"play":NaN\n{"play":' + b"[" * 60_000 + b"\n"
    b'{"notice":"' + b"x" * 70_000 + b'"}\n{"next":true}\n'
)


def main() -> int:
    fault = settings_argument()["fault"]
    player = PlayerSocket()
    if fault == "die":
        return 9
    if fault == "complain":
        player.send({"notice": "the port is in use"})
        return 1
    if fault == "misuse":
        player.send({"notice": "no such address"})
        return 2
    if fault == "close":
        os.close(player.fileno())
        signal.pause()
    if fault == "hang":
        signal.pause()
    if fault == "speak":
        os.write(player.fileno(), LINES)
    while fault == "babble":
        os.write(player.fileno(), LINES)
    for event in player.events():
        player.send(event)
    return 0


if __name__ == "__main__":
    sys.exit(main())
