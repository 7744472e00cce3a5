import socket

import pytest

from stream.address import Address
from stream.panel.origin import Origins

ANYWHERE = Origins(Address("0.0.0.0", 8765))  # noqa: S104
LOOPBACK = Origins(Address("127.0.0.1", 8765))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LocalHost:8765"]
)
def test_loopback_has_three_names(host):
    assert LOOPBACK.serves(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [None, "", "127.0.0.1", "127.0.0.1:80", "evil.example:8765", "127.0.0.1.evil.example:8765"],
)
def test_other_names_for_our_address_are_refused(host):
    assert not LOOPBACK.serves(host, "127.0.0.1")
    assert not ANYWHERE.serves(host, "127.0.0.1")


def test_anywhere_is_the_address_that_was_reached_and_the_machines_name():
    name = socket.gethostname()
    assert ANYWHERE.serves("192.168.1.5:8765", "192.168.1.5")
    assert ANYWHERE.serves(f"{name}:8765", "192.168.1.5")
    assert ANYWHERE.serves(f"{name}.local:8765", "192.168.1.5")
    assert not ANYWHERE.serves("192.168.1.6:8765", "192.168.1.5")
    assert not ANYWHERE.serves("localhost:8765", "192.168.1.5")


def test_the_usual_port_may_be_left_out():
    origins = Origins(Address("box.local", 80))
    assert origins.serves("box.local", "192.168.1.5")
    assert origins.serves("box.local:80", "192.168.1.5")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8765", True),
        (None, False),
        ("null", False),
        ("https://127.0.0.1:8765", False),
        ("http://127.0.0.1:8766", False),
        ("http://evil.example", False),
        ("http://127.0.0.1:8765.evil.example", False),
    ],
)
def test_orders_come_from_our_own_page(origin, allowed):
    assert LOOPBACK.allows(origin, "127.0.0.1:8765") is allowed
    assert not LOOPBACK.allows(origin, None)
