import errno
import socket

import pytest

from stream.errors import SettingsError
from stream.util.address import Address, address_of, check_network


@pytest.mark.parametrize(
    ("text", "address", "loopback"),
    [
        ("127.0.0.1:9000", Address("127.0.0.1", 9000), True),
        ("127.9.9.9:1", Address("127.9.9.9", 1), True),
        ("localhost:65535", Address("localhost", 65535), True),
        ("[::1]:9000", Address("::1", 9000), True),
        ("0.0.0.0:9000", Address("0.0.0.0", 9000), False),  # noqa: S104
        ("[::]:9000", Address("::", 9000), False),
        ("studio.local:9000", Address("studio.local", 9000), False),
    ],
)
def test_addresses(text, address, loopback):
    assert address_of(text, "osc") == address
    assert address.loopback is loopback
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    ["", "9000", ":9000", "host", "host:", "host:0", "host:65536", "host:9 0", "a b:1", "::1:9000",
     "host:٣", "http://host:80", "host:1\n"],
)  # fmt: skip
def test_no_address(text):
    with pytest.raises(SettingsError, match=r"osc .*: not an address; write a host and a port"):
        address_of(text, "osc")


def test_resolving():
    assert Address("127.0.0.1", 9).resolved() == (socket.AF_INET, ("127.0.0.1", 9))
    for host in ("127.0.0.1.9", "a" * 70, "..."):
        with pytest.raises(OSError):  # noqa: PT011 (whatever the system says)
            Address(host, 9).resolved()
    with pytest.raises(OSError, match=r".*"):
        Address("127.0.0.1", 9).resolved(socket.AF_INET6)


def test_a_process_without_network_says_who_opens_it(monkeypatch):
    def refused(*_):
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    check_network("osc 0.0.0.0:9000")
    monkeypatch.setattr(socket, "socket", refused)
    with pytest.raises(
        SettingsError,
        match=r"osc x: the network is not available .Address .*perpetuum doctor",
    ):
        check_network("osc x")
