"""Announcements, seen by a browser of multicast DNS on loopback."""

import asyncio
import os
import signal
import socket

import pytest

from stream.home.options import HomeOptions
from tests.stream.panel.fake_player import free_port
from tests.stream.play.view.screen import PLAY, ROOT

announcement = pytest.importorskip("stream.home.announcement", reason="'pip install zeroconf'")
from zeroconf import InterfaceChoice, ServiceStateChange  # noqa: E402
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf  # noqa: E402

SECONDS = 15
SETTINGS = {"panel": "0.0.0.0:8765", "osc": "0.0.0.0:9000", "mdns": True, "name": "Küche 1.OG"}


class Silent:
    """A player to which nothing is said."""

    def __init__(self):
        self.said = []

    def send(self, command):
        self.said.append(command)


class Browser:
    """Sees what comes and goes."""

    def __init__(self, zeroconf, kinds):
        self._changed = asyncio.Condition()
        self.names = set()
        self._browser = AsyncServiceBrowser(zeroconf.zeroconf, list(kinds), handlers=[self._handle])

    def _handle(self, zeroconf, service_type, name, state_change):
        if state_change is ServiceStateChange.Removed:
            self.names.discard(name)
        else:
            self.names.add(name)

    async def until(self, told):
        async with asyncio.timeout(SECONDS):
            while not told(self.names):  # noqa: ASYNC110 (the library tells a thread)
                await asyncio.sleep(0.05)

    async def close(self):
        await self._browser.async_cancel()


@pytest.fixture(scope="module", autouse=True)
def multicast():
    """Skip where multicast does not come back to this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(2)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            receiver.bind(("", 0))
            group = socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1")
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            receiver.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1")
            )
            receiver.sendto(b"perpetuum", ("224.0.0.251", receiver.getsockname()[1]))
            receiver.recv(100)
        except OSError:
            pytest.skip("no multicast on loopback")


async def announced(*settings):
    """Announce with each of these settings; return the names, the facts, and those left after."""
    seeing = AsyncZeroconf(interfaces=InterfaceChoice.All)
    browser = Browser(seeing, (announcement.HTTP, announcement.OSC))
    player = Silent()
    tasks = [
        asyncio.create_task(announcement.announce(player, HomeOptions.of(each)))
        for each in settings
    ]

    def ours(names):
        return {name for name in names if name.startswith("Küche 1 OG")}

    try:
        await browser.until(lambda names: len(ours(names)) == 2 * len(settings))
        names, facts = ours(browser.names), {}
        for name in names:
            info = AsyncServiceInfo(name.partition(".")[2], name)
            assert await info.async_request(seeing.zeroconf, 3000)
            facts[name] = info
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await browser.until(lambda names: not ours(names))
    finally:
        await browser.close()
        await seeing.async_close()
    return names, facts, player.said


def test_panel_and_osc_are_found_and_withdrawn():
    names, facts, said = asyncio.run(announced(SETTINGS))
    assert names == {"Küche 1 OG._http._tcp.local.", "Küche 1 OG._osc._udp.local."}
    panel, osc = facts["Küche 1 OG._http._tcp.local."], facts["Küche 1 OG._osc._udp.local."]
    assert (panel.port, osc.port) == (8765, 9000)
    assert panel.properties[b"path"] == b"/"
    assert panel.server == f"{socket.gethostname().partition('.')[0]}.local."
    assert panel.parsed_addresses()
    assert not any(address.startswith("127.") for address in panel.parsed_addresses())
    assert said == []


def test_two_players_have_two_names():
    names, _, said = asyncio.run(announced(SETTINGS, SETTINGS))
    assert len(names) == 4
    assert said == []


def test_the_player_announces_and_withdraws_itself(tmp_path):
    """From start to end of `perpetuum play`, which waits for the farewell."""
    panel = f"0.0.0.0:{free_port()}"
    command = [*PLAY, "--record", "0", "--panel", panel, "--mdns", "--name", "Küche 1.OG"]

    async def check():
        seeing = AsyncZeroconf(interfaces=InterfaceChoice.All)
        browser = Browser(seeing, [announcement.HTTP])
        environment = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
        player = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await browser.until(lambda names: "Küche 1 OG._http._tcp.local." in names)
            player.send_signal(signal.SIGINT)
            assert await player.wait() == 0
            await browser.until(lambda names: "Küche 1 OG._http._tcp.local." not in names)
        finally:
            await browser.close()
            await seeing.async_close()

    asyncio.run(check())


def test_what_only_this_machine_reaches_is_not_announced():
    options = HomeOptions.of({"panel": "127.0.0.1:8765", "osc": "[::1]:9000", "mdns": True})
    assert announcement.services(options, ["192.0.2.1"]) == []


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("0.0.0.0", ["192.0.2.1"]),  # noqa: S104
        ("[::]", ["192.0.2.1", "2001:db8::1"]),
        ("192.0.2.1", ["192.0.2.1"]),
        ("box.lan", ["192.0.2.1", "2001:db8::1"]),
    ],
)
def test_the_addresses_are_those_that_are_served(host, addresses):
    options = HomeOptions.of({"panel": f"{host}:8765", "mdns": True})
    (service,) = announcement.services(options, ["192.0.2.1", "2001:db8::1"])
    assert service.parsed_addresses() == addresses


def test_a_name_of_any_length_is_one_label():
    options = HomeOptions.of({"panel": "0.0.0.0:8765", "mdns": True, "name": "é." * 100})
    (service,) = announcement.services(options, ["192.0.2.1"])
    label = service.name.removesuffix(f".{announcement.HTTP}")
    assert len(label.encode()) <= announcement.LONGEST_NAME
    assert "." not in label
