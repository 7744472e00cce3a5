import socket

import pytest

from stream.panel.origin import Origins
from stream.util.address import Address

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


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])  # noqa: S104
def test_who_comes_over_loopback_may_say_so(address):
    everywhere = Origins(Address(address, 8765))
    for local in ("127.0.0.1", "::1"):
        for name in ("localhost", "127.0.0.1", "[::1]", socket.gethostname().upper()):
            assert everywhere.serves(f"{name}:8765", local)
        assert not everywhere.serves("192.168.1.5:8765", local)
    assert everywhere.serves("[2001:db8::5]:8765", "2001:db8::5")
    assert everywhere.serves("[2001:DB8::5]:8765", "2001:DB8::5")
    assert not everywhere.serves("[::1]:8765", "2001:db8::5")
    assert not everywhere.serves(f"{address}:8765", "192.168.1.5")
    assert not everywhere.serves("[::]:8765", "192.168.1.5")


def test_one_address_has_no_other_name():
    box = Origins(Address("Box.local", 8765))
    assert box.serves("box.LOCAL:8765", "192.168.1.5")
    for name in ("192.168.1.5", "localhost", "127.0.0.1", socket.gethostname(), "other.local"):
        assert not box.serves(f"{name}:8765", "192.168.1.5")
        assert not box.serves(f"{name}:8765", "127.0.0.1")


def test_the_usual_port_may_be_left_out_and_no_other():
    origins = Origins(Address("box.local", 80))
    assert origins.serves("box.local", "192.168.1.5")
    assert origins.serves("box.local:80", "192.168.1.5")
    for port in (79, 81, 8080):
        assert not Origins(Address("box.local", port)).serves("box.local", "192.168.1.5")
        assert not Origins(Address("box.local", port)).serves("box.local:80", "192.168.1.5")
    assert Origins(Address("::1", 80)).serves("[::1]", "::1")
    assert not Origins(Address("::1", 80)).serves("::1", "::1")


def test_a_page_gives_orders_to_its_own_host_however_it_is_written():
    assert LOOPBACK.allows("HTTP://LocalHost:8765", "localhost:8765")
    assert LOOPBACK.allows("http://localhost:8765", "LOCALHOST:8765")
    assert not LOOPBACK.allows("http://localhost:8765/", "localhost:8765")
    assert not LOOPBACK.allows("localhost:8765", "localhost:8765")
    assert not LOOPBACK.allows(None, None)


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


def test_another_address_of_this_machine_alone_has_its_own_name_too():
    other = Origins(Address("127.0.0.2", 8765))
    for name in ("127.0.0.2", "127.0.0.1", "localhost"):
        assert other.serves(f"{name}:8765", "127.0.0.2")
    assert not other.serves("127.0.0.3:8765", "127.0.0.2")
