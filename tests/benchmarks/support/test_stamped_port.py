"""Datagrams are stamped as they arrive, however late they are read."""

import socket
import time

from benchmarks.support.stamped_port import StampedPort


def test_a_datagram_has_the_time_of_its_arrival():
    with StampedPort() as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(port.address)
        before = time.monotonic()
        sender.send(b"first")
        after = time.monotonic()
        time.sleep(0.1)
        at, data = port.receive()
    assert data == b"first"
    assert before - 0.01 < at < after + 0.05
