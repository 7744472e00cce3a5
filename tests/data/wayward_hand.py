"""A hand with faults to order: `python -m tests.data.wayward_hand '{"does": FAULT}'`.

FAULT is `die` (at once), `complain` (it says why, then dies), `misuse` (it says why
and exits with 2), `hang` (it reads nothing), `close`
(it lives, but its socket is closed), `babble` (a word between things that are none, for ever),
`speak` (a few commands, one of them too long), or `echo` (what it hears is what it says).
"""

import os
import signal
import sys

from stream.control.socket import PlayerSocket, own_settings

WORDS = (
    b'{"panic":true}\nno JSON\n[1]\n\xff\xfe\n\n{"play":NaN\n{"play":' + b"[" * 60_000 + b"\n"
    b'{"notice":"' + b"x" * 70_000 + b'"}\n{"next":true}\n'
)


def main() -> int:
    fault = own_settings()["does"]
    hand = PlayerSocket()
    if fault == "die":
        return 9
    if fault == "complain":
        hand.tell({"notice": "the port is in use"})
        return 1
    if fault == "misuse":
        hand.tell({"notice": "no such address"})
        return 2
    if fault == "close":
        os.close(hand.fileno())
        signal.pause()
    if fault == "hang":
        signal.pause()
    if fault == "speak":
        os.write(hand.fileno(), WORDS)
    while fault == "babble":
        os.write(hand.fileno(), WORDS)
    for event in hand.events():
        hand.tell(event)
    return 0


if __name__ == "__main__":
    sys.exit(main())
