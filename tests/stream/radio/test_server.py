"""The server with a stream of its own, and clients that misbehave."""

import asyncio
import contextlib
import socket

import aiohttp
import pytest

from stream.pairs.sessions import Sessions
from stream.radio.access import RadioAccess
from stream.radio.broadcast import MOST_LISTENERS, Broadcast
from stream.radio.renderer import Block
from stream.radio.server import RadioServer
from stream.util.address import Address
from tests.stream.panel.fake_player import free_port

TOKEN = "t" * 32
SOUND = bytes(range(256)) * 8


class Served:
    """A server in this process."""

    def __init__(self, host):
        self.address = Address(host, free_port())
        self.broadcast = Broadcast()
        self.sessions = Sessions()
        self.access = RadioAccess(self.address, self.sessions)
        self.access.token = TOKEN
        self.url = f"http://127.0.0.1:{self.address.port}"


def run(served, check):
    async def serve():
        server = RadioServer(served.broadcast, served.address, served.access)
        await server.start()
        try:
            async with aiohttp.ClientSession(served.url) as session, asyncio.timeout(60):
                return await check(session)
        finally:
            await server.stop()

    return asyncio.run(serve())


@pytest.fixture
def here():
    return Served("127.0.0.1")


@pytest.fixture
def anywhere():
    return Served("0.0.0.0")  # noqa: S104 (with a token)


async def status(session, path, **headers):
    async with session.get(path, headers=headers) as response:
        return response.status


def test_on_this_machine_no_token_is_needed_but_the_right_name(here):
    async def check(session):
        name = f"localhost:{here.address.port}"
        assert await status(session, "/radio.m3u") == 200
        assert await status(session, "/radio.m3u", Host=name) == 200
        assert await status(session, "/radio.m3u", Host="evil.example") == 403
        assert await status(session, f"/radio.m3u?token={TOKEN}", Host="pi.fritz.box") == 200
        assert await status(session, "/nowhere") == 404

    run(here, check)


@pytest.mark.parametrize("path", ["/radio.mp3", "/radio.m3u", "/radio.pls"])
def test_elsewhere_only_the_token_opens(anywhere, path):
    async def check(session):
        for wrong in ("", "?token=", f"?token={TOKEN[:-1]}", f"?token={TOKEN}x", "?token=%ff"):
            assert await status(session, path + wrong) == 401, wrong
        assert await status(session, f"{path}?token={TOKEN}") == 200

    run(anywhere, check)


def test_a_browser_that_is_paired_with_a_panel_needs_no_token(anywhere):
    async def check(session):
        paired = anywhere.sessions.add("phone")
        for cookie, expected in (
            (f"perpetuum-8765={paired}", 200),
            (f"a=b; perpetuum-1=x; perpetuum-80={paired}", 200),
            (f"perpetuum-8765={paired}x", 401),
            (f"other={paired}", 401),
        ):
            assert await status(session, "/radio.m3u", Cookie=cookie) == expected, cookie
        cookie = f"perpetuum-8765={paired}"
        assert await status(session, "/radio.m3u", Cookie=cookie, Host="evil.example") == 403
        async with session.get("/radio.m3u", headers={"Cookie": cookie}) as response:
            assert (await response.text()).endswith(f"/radio.mp3?token={TOKEN}\n")

    run(anywhere, check)


def test_without_a_token_of_its_own_none_is_right(anywhere):
    async def check(session):
        assert await status(session, "/radio.m3u?token=") == 401

    anywhere.access.token = ""
    run(anywhere, check)


def test_playlists_lead_to_the_stream_with_the_token(anywhere):
    async def check(session):
        async with session.get(f"/radio.m3u?token={TOKEN}") as response:
            assert response.content_type == "audio/x-mpegurl"
            m3u = await response.text()
        async with session.get(f"/radio.pls?token={TOKEN}") as response:
            assert response.content_type == "audio/x-scpls"
            pls = await response.text()
        url = f"{anywhere.url}/radio.mp3?token={TOKEN}"
        assert m3u.splitlines() == ["#EXTM3U", "#EXTINF:-1,Perpetuum", url]
        assert f"File1={url}" in pls.splitlines()
        anywhere.broadcast.push(Block(SOUND, ""))
        async with session.get(url) as response:
            assert await response.content.readexactly(len(SOUND)) == SOUND

    run(anywhere, check)


def test_a_speaker_of_the_old_kind_gets_plain_bytes(here):
    """It speaks HTTP/1.0, names no host, and knows no chunks."""

    async def check(_):
        here.broadcast.push(Block(SOUND, ""))
        reader, writer = await asyncio.open_connection("127.0.0.1", here.address.port)
        writer.write(b"GET /radio.mp3?token=%s HTTP/1.0\r\n\r\n" % TOKEN.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 OK" in head
        assert b"chunked" not in head.lower()
        assert await reader.readexactly(len(SOUND)) == SOUND
        writer.close()

    run(here, check)


def test_a_look_at_the_head_is_no_listener(here):
    async def check(session):
        async with session.head("/radio.mp3") as response:
            assert response.status == 200
            assert response.content_type == "audio/mpeg"
        assert len(here.broadcast) == 0

    run(here, check)


async def until(true):
    while not true():  # noqa: ASYNC110 (the server tells nobody)
        await asyncio.sleep(0.01)


def test_a_slow_listener_is_dropped_while_others_go_on(here):
    async def check(session):
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", here.address.port))
        host = f"127.0.0.1:{here.address.port}"
        slow.sendall(f"GET /radio.mp3 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        await until(lambda: len(here.broadcast) == 1)
        async with session.get("/radio.mp3") as fast:
            await until(lambda: len(here.broadcast) == 2)
            pushed = 0
            while len(here.broadcast) == 2:
                here.broadcast.push(Block(SOUND, ""))
                pushed += 1
                assert await fast.content.readexactly(len(SOUND)) == SOUND
                assert pushed < 2000
            for _ in range(50):
                here.broadcast.push(Block(SOUND, ""))
                assert await fast.content.readexactly(len(SOUND)) == SOUND
            assert len(here.broadcast) == 1
        with slow, contextlib.suppress(ConnectionError):
            got = 0
            while data := slow.recv(65536):
                got += len(data)
            assert got < pushed * len(SOUND)
        while len(here.broadcast):  # who has left is noticed at the next block
            here.broadcast.push(Block(SOUND, ""))
            await asyncio.sleep(0.01)

    run(here, check)


def test_there_is_an_end_to_listeners(here):
    async def check(session):
        joined = [here.broadcast.join(lambda: None) for _ in range(MOST_LISTENERS)]
        assert await status(session, "/radio.mp3") == 503
        here.broadcast.leave(joined[0])
        assert await status(session, "/radio.mp3") == 200

    run(here, check)
