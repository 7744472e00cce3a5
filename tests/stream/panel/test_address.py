import contextlib
import errno
import socket

import pytest

from stream.errors import AddressError, SettingsError
from stream.panel import address
from stream.panel.address import listening, network, panel_address, plain, served, url
from tests.stream.panel.fake_player import free_port


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
    with pytest.raises(SettingsError, match="panel a b: not an address; write a host and a port"):
        panel_address("a b")


@pytest.mark.parametrize("name", ["box", "box.local"])
def test_before_there_is_a_network_it_goes_by_its_name(monkeypatch, name):
    monkeypatch.setattr(address, "ELSEWHERE", ("255.255.255.255", 9))
    monkeypatch.setattr(address.socket, "gethostname", lambda: name)
    assert url(panel_address("0.0.0.0:8765")) == "http://box.local:8765"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("[0:0:0:0:0:0:0:0]:1", "::"), ("[::0]:1", "::"), ("[0::1]:1", "::1"),
        ("[2001:DB8::1]:1", "2001:db8::1"), ("LocalHost:1", "localhost"),
        ("Box.local:1", "box.local"),
    ],
)  # fmt: skip
def test_an_address_is_one_however_it_is_spelled(text, host):
    assert panel_address(text).host == host


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def reached(text, hosts):
    """Which of these hosts a panel at an address is reached at."""
    found = listening(panel_address(text))
    answered = []
    for host in hosts:
        with contextlib.suppress(OSError):
            socket.create_connection((host, panel_address(text).port), 5).close()
            answered.append(host)
    for each in found:
        assert not each.getblocking()
        each.close()
    return answered


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("[::]", ["127.0.0.1", "127.0.0.2", "::1"]),
        ("0.0.0.0", ["127.0.0.1", "127.0.0.2"]),  # noqa: S104
        ("127.0.0.1", ["127.0.0.1"]),
        ("[::1]", ["::1"]),
    ],
)
def test_all_addresses_are_those_of_both_families(host, answered):
    hosts = ("127.0.0.1", "127.0.0.2", "::1")
    assert reached(f"{host}:{free_port()}", hosts) == answered


def test_it_is_told_that_both_families_are_served(monkeypatch):
    monkeypatch.setattr(address, "_reached", {socket.AF_INET: "192.0.2.5", socket.AF_INET6: ""}.get)
    everywhere = panel_address("[::]:8765")
    assert served(everywhere) == "http://192.0.2.5:8765 (IPv4 and IPv6)"
    found = {socket.AF_INET: "192.0.2.5", socket.AF_INET6: "2001:db8::5"}
    monkeypatch.setattr(address, "_reached", found.get)
    assert served(everywhere) == "http://192.0.2.5:8765 (IPv4; IPv6: http://[2001:db8::5]:8765)"
    assert served(panel_address("0.0.0.0:8765")) == "http://192.0.2.5:8765"


def refused(text):
    with pytest.raises(AddressError) as caught:
        listening(panel_address(text))
    return str(caught.value)


@needs_ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "[::]", "localhost"])  # noqa: S104
def test_a_port_in_use_is_told_with_another_one(host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert refused(f"{host}:{port}") == (
            f"panel: {host}:{port}: Address already in use; the player tries again;"
            f" if another program uses the port, choose another one, such as --panel"
            f" {host}:{port % 65535 + 1}"
        )


def test_what_is_no_address_of_this_machine_is_told_with_one_that_is():
    why = refused("192.0.2.77:8765")
    assert "with --panel [::]:8765" in why
    assert "no.such.host" in refused("no.such.host.invalid:8765")
    assert "invalid host name" in refused(f"{'x' * 70}.local:8765")


@pytest.mark.parametrize(
    ("number", "text", "remedy"),
    [
        (errno.EACCES, "0.0.0.0:80", "use another one, such as --panel 127.0.0.1:8765"),
        (errno.EAFNOSUPPORT, "[::]:8765", "without IPv6 use --panel 0.0.0.0:8765"),
    ],
)
def test_each_reason_has_its_remedy(monkeypatch, number, text, remedy):
    def fail(*_, **__):
        raise OSError(number, "no")

    monkeypatch.setattr(address, "_listening", fail)
    assert refused(text).endswith(remedy)


def test_of_a_name_with_two_addresses_one_is_enough(monkeypatch):
    really = address._listening

    def only_4(family, place, *, only_6):
        if family != socket.AF_INET:
            raise OSError(errno.EADDRNOTAVAIL, "no IPv6")
        return really(family, place, only_6=only_6)

    monkeypatch.setattr(address, "_listening", only_4)
    places = [(socket.AF_INET6, 0, 0, "", ("::1", 0)), (socket.AF_INET, 0, 0, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(address, "_resolved", lambda _: places)
    (found,) = listening(panel_address("localhost:8765"))
    found.close()


def test_a_name_that_has_an_address_twice_is_served_once(monkeypatch):
    really = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: 2 * really(*given, **named))
    (found,) = listening(panel_address(f"127.0.0.1:{free_port()}"))
    found.close()


@pytest.mark.parametrize(
    ("host", "is_", "belongs"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("::1", "::1", "::1"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("fe80::2%eth0", "fe80::2", "fe80::/64"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
    ],
)
def test_what_a_socket_calls_an_address_is_made_plain(host, is_, belongs):
    assert (plain(host), network(host)) == (is_, belongs)
