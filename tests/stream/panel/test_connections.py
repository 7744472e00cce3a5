"""Whoever connects: nobody who stands around keeps others out, and none fills the journal."""

import asyncio
import contextlib
import resource
import socket
import struct

import pytest

from stream.panel import access, connections, server
from stream.panel.address import network
from stream.util.address import Address
from tests.stream.panel.fake_player import FakePlayer, free_port
from tests.stream.panel.test_server import Panel, run

GET = b"GET /icon.svg HTTP/1.1\r\nHost: %s\r\n\r\n"
POST = b"POST /pair HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nContent-Length: 9\r\n\r\n"
HALF = (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", POST + b"ABC")


@pytest.fixture
def panel():
    return Panel("127.0.0.1")


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.3)
    monkeypatch.setattr(access, "BODY_SECONDS", 0.1)


def filled(panel, request):
    host = panel.url.removeprefix("http://").encode()
    return request.replace(b"%s", host)


async def sent(panel, request):
    """A connection on which that was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", panel.address.port)
    writer.write(filled(panel, request))
    return reader, writer


async def to_the_end(reader):
    with contextlib.suppress(ConnectionError):
        return await reader.read()
    return b""


async def until(told):
    for _ in range(3000):
        if told():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never comes")


@pytest.mark.parametrize("request_", [*HALF, GET, GET + b"GET / HT", GET + POST + b"A"])
def test_nobody_is_awaited_for_long(panel, hasty, request_):
    async def check(session):
        reader, writer = await sent(panel, request_)
        told = await to_the_end(reader)
        writer.close()
        return told

    told = run(panel, check)
    assert told.count(b" 200 OK") == request_.count(b"icon")
    assert told.count(b" 408 ") == (b"POST" in request_)
    assert told.endswith(b"\nThe code did not arrive in time.\n") == (b"POST" in request_)


def test_those_who_stand_around_keep_nobody_out(panel, monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_A_NETWORK", 12)

    async def check(session):
        async with contextlib.AsyncExitStack() as stack:
            browsers = [await stack.enter_async_context(panel.events(session)) for _ in range(3)]
            around = [await sent(panel, HALF[number % 4]) for number in range(60)]
            for _ in range(20):
                async with session.get("/app.js", headers={"Connection": "close"}) as response:
                    assert response.status == 200
            ends = [asyncio.create_task(to_the_end(reader)) for reader, _ in around]
            await until(lambda: sum(end.done() for end in ends) >= 60 - 12)
            for browser in browsers:
                assert "state" in await browser.receive_json()
                await browser.send_json({"id": 1, "stars": 9})
                while "answer" not in (told := await browser.receive_json()):
                    pass
                assert told["answer"] == 1
            for end, (_, writer) in zip(ends, around, strict=True):
                end.cancel()
                writer.close()

    run(panel, check)


def test_where_the_panel_has_ended_nobody_listens(panel):
    async def check(session):
        async with session.get("/") as response:
            return response.status

    assert run(panel, check) == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(panel.address)


def test_who_has_gone_again_at_once_disturbs_nobody(panel):
    async def check(session):
        for _ in range(20):
            gone = socket.create_connection(panel.address)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.close()  # a reset
        async with session.get("/") as response:
            return response.status

    assert run(panel, check) == 200


class Stranger:
    """A connection from anywhere."""

    def __init__(self):
        self.cut = False
        self.socket, self._other = socket.socketpair()

    def abort(self):
        self.cut = True
        self.socket.close()

    def close(self):
        self.socket.close()
        self._other.close()


def come(found, hosts):
    """Strangers from these hosts, one after the other; those who found no room are None."""
    strangers = []
    for host in hosts:
        stranger = Stranger()
        if found._has_room(network(host)):
            found._open[stranger] = connections.Connection(network(host), stranger.socket, stranger)
            strangers.append(stranger)
        else:
            stranger.close()
            strangers.append(None)
    return strangers


def in_a_loop(check):
    async def run_():
        check()

    asyncio.run(run_())


def test_room_is_made_by_those_who_take_most_of_it(monkeypatch):
    monkeypatch.setattr(connections, "MOST", 10)

    def check():
        found = connections.Connections()
        own, crowd = "192.0.2.1", [f"2001:db8::{number}" for number in range(9)]
        mine = come(found, [own])
        others = come(found, crowd * 3)  # an IPv6 network is one address
        assert not mine[0].cut
        assert [stranger.cut for stranger in others] == [True] * 18 + [False] * 9
        assert len(found._all()) == 10
        (second,) = come(found, [own])
        assert not second.cut
        assert [stranger.cut for stranger in others].index(False) == 19
        for stranger in (*mine, second, *others):
            stranger.close()

    in_a_loop(check)


def test_a_full_house_of_those_who_stay_is_full(monkeypatch):
    monkeypatch.setattr(connections, "MOST", 4)
    monkeypatch.setattr(connections, "MOST_OF_A_NETWORK", 3)

    def check():
        found = connections.Connections()
        strangers = come(found, ["192.0.2.1"] * 3 + ["192.0.2.2"])
        for connection in found._all():
            connection.stay()
        assert come(found, ["192.0.2.1", "192.0.2.3"]) == [None, None]
        strangers[0].abort()  # it goes
        more = come(found, ["192.0.2.1"])
        assert None not in more
        assert not any(stranger.cut for stranger in strangers[1:])
        for stranger in (*strangers, *more):
            stranger.close()

    in_a_loop(check)


def test_half_the_descriptors_are_for_others(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert connections.Connections()._most == 32


def test_a_recording_taken_slowly_is_given_up(panel, monkeypatch, tmp_path):
    monkeypatch.setattr(server, "CHUNK_SECONDS", 0.3)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    path = tmp_path / "long.mid"
    path.write_bytes(b"x" * 30_000_000)

    async def check(session):
        panel.relay.downloads.offer(path)
        _, writer = await sent(panel, GET.replace(b"icon.svg", b"recordings/long.mid"))
        async with session.get("/recordings/long.mid") as response:
            assert len(await response.read()) == 30_000_000  # whoever takes it has it whole
        async with session.head("/recordings/long.mid") as response:
            assert response.headers["Content-Length"] == "30000000"
        await until(lambda: len(panel.server._connections._all()) == 1)  # the session's
        writer.close()

    run(panel, check)


def test_a_flood_of_half_sent_bodies_costs_neither_the_page_nor_the_journal(tmp_path):
    """Where descriptors are short too."""
    journal = tmp_path / "journal"
    address = Address("127.0.0.1", free_port())
    with FakePlayer(str(address), journal=journal) as player:
        assert player.url
        resource.prlimit(player.pid, resource.RLIMIT_NOFILE, (48, 48))
        host = str(address).encode()
        crowd = []
        for _ in range(200):
            crowd.append(socket.create_connection(address))
            crowd[-1].sendall(POST.replace(b"%s", host) + b"ABC")
        crowd.append(socket.create_connection(address))
        crowd[-1].settimeout(30)
        crowd[-1].sendall(GET.replace(b"%s", host))
        assert crowd[-1].recv(15) == b"HTTP/1.1 200 OK"
        for each in crowd:
            each.close()
        assert player.close() == 0
    assert journal.read_text() == ""
