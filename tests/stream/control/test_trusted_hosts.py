import pytest

from stream.control.trusted_hosts import Hosts
from stream.errors import SettingsError

LISTED = Hosts.of(["192.168.1.20", "10.0.0.0/8", "fd00::/8", "Studio.local"], "osc_to")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.8.9.1", "::1", "localhost", "::ffff:127.0.0.1", "192.168.1.20",
        "::ffff:192.168.1.20", "10.1.2.3", "fd00::9%eth0", "studio.LOCAL",
    ],
)  # fmt: skip
def test_this_machine_and_those_that_are_listed(host):
    assert host in LISTED


@pytest.mark.parametrize(
    "host",
    [
        "192.168.1.21", "0.0.0.0",  # noqa: S104 (nothing is bound)
"255.255.255.255", "8.8.8.8", "example.org", "", "2130706433",
        "0x7f.1", "127.1", "localhost.example.org", "::", "2001:db8::1",
    ],
)  # fmt: skip
def test_nobody_else(host):
    assert host not in LISTED
    assert host not in Hosts()


@pytest.mark.parametrize("text", ["", "192.168.1.300", "10.0.0.0/33", "a b", "-x", "1.2.3", "x:9"])
def test_what_is_no_host(text):
    with pytest.raises(
        SettingsError, match=r"osc_to '.*': not a host; write an address, a network or"
    ):
        Hosts.of([text], "osc_to")
