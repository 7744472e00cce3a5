import socket

import pytest

from stream.errors import SettingsError
from stream.panel import address
from stream.panel.address import panel_address, url


def test_the_usual_address_is_loopbacks():
    address = panel_address("")
    assert (url(address), address.loopback) == ("http://127.0.0.1:8765", True)


def test_the_url_is_what_a_browser_takes():
    assert url(panel_address("[::1]:9000")) == "http://[::1]:9000"
    assert url(panel_address("box.local:80")) == "http://box.local:80"
    for anywhere in ("0.0.0.0:8765", "[::]:8765"):
        host, _, port = url(panel_address(anywhere)).removeprefix("http://").rpartition(":")
        assert host not in {"0.0.0.0", "[::]", ""}  # noqa: S104
        assert port == "8765"


def test_anything_else_is_refused():
    with pytest.raises(SettingsError, match="panel a b: no address; write a host and a port"):
        panel_address("a b")


@pytest.mark.parametrize("name", ["box", "box.local"])
def test_before_there_is_a_network_it_goes_by_its_name(monkeypatch, name):
    monkeypatch.setattr(address, "ELSEWHERE", ("255.255.255.255", 9))
    monkeypatch.setattr(address.socket, "gethostname", lambda: name)
    assert url(panel_address("0.0.0.0:8765")) == "http://box.local:8765"


def test_an_address_of_ipv6_is_told_as_one(monkeypatch):
    asked = []

    class Probe:
        def __init__(self, family, kind):
            self.family = family

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def connect(self, elsewhere):
            asked.append((self.family, elsewhere[0]))

        def getsockname(self):
            return ("fd00::7", 1) if self.family == socket.AF_INET6 else ("10.0.0.7", 1)

    monkeypatch.setattr(address.socket, "socket", Probe)
    assert url(panel_address("[::]:8765")) == "http://[fd00::7]:8765"
    assert url(panel_address("0.0.0.0:8765")) == "http://10.0.0.7:8765"
    assert asked == [(socket.AF_INET6, "2001:db8::1"), (socket.AF_INET, "192.0.2.1")]
