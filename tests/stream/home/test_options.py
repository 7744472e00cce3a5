import re
import socket

import pytest

from stream.__main__ import main
from stream.errors import SettingsError
from stream.home.options import HomeOptions, broker_address
from stream.util.address import Address


@pytest.mark.parametrize(
    ("text", "tls", "expected"),
    [
        ("homeassistant.local", False, Address("homeassistant.local", 1883)),
        ("homeassistant.local", True, Address("homeassistant.local", 8883)),
        ("192.0.2.5:1884", True, Address("192.0.2.5", 1884)),
        ("[2001:db8::5]", False, Address("2001:db8::5", 1883)),
        ("[2001:db8::5]:1884", False, Address("2001:db8::5", 1884)),
    ],
)
def test_the_port_of_a_broker_may_be_left_out(text, tls, expected):
    assert broker_address(text, tls=tls) == expected


@pytest.mark.parametrize("text", ["a b", "mqtt://box", "box:0", "box:99999", ":1883", ""])
def test_a_broker_without_an_address_is_refused_at_the_start(text, capsys):
    with pytest.raises(SettingsError, match=r"^mqtt .*: not an address; write a host and a port"):
        broker_address(text, tls=False)
    if text:
        assert main(["play", "--out", "null", "--record", "0", "--mqtt", text]) == 2
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("machine", "name", "shown", "node"),
    [
        ("pi", "", "Perpetuum pi", "perpetuum_pi"),
        ("perpetuum", "", "Perpetuum", "perpetuum_perpetuum"),
        ("pi.lan", "Küche 1. OG", "Küche 1. OG", "perpetuum_pi_k_che_1_og"),
    ],
)
def test_a_player_has_a_name_for_people_and_one_for_topics(monkeypatch, machine, name, shown, node):
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    options = HomeOptions.of({"mqtt": "box", "name": name})
    assert (options.name, options.node) == (shown, node)
    assert re.fullmatch("[a-zA-Z0-9_-]+", options.node)


def test_what_the_process_does_not_know_is_refused():
    with pytest.raises(SettingsError, match=r"^home: 'other' is not known"):
        HomeOptions.of({"other": 1})
