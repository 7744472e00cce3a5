"""The panel over HTTP, with a clock of our own and an address that others reach."""

import asyncio
import contextlib
import json
import socket
from dataclasses import replace

import aiohttp
import pytest

from stream.control.async_socket import AsyncPlayerSocket
from stream.pairs.sessions import Sessions
from stream.pairs.store import PairStore
from stream.panel import clients, pairing
from stream.panel.access import AccessCheck
from stream.panel.relay import Relay
from stream.panel.server import Server
from stream.util.address import Address
from tests.stream.kept.kept_tunes import keep
from tests.stream.panel.fake_player import CONTROLS, free_port, hello

PRIVATE = (
    "/app.js", "/events", "/invite", "/recordings/x.mid", "/kept", "/kept/0001-x.mid",
)  # fmt: skip


class Panel:
    """A panel in this process; `now` is its clock."""

    def __init__(self, host, sessions=None, own_code=""):
        self.now = 1000.0
        self.address = Address(host, free_port())
        self.url = f"http://127.0.0.1:{self.address.port}"
        self.access = AccessCheck(self.address, lambda: self.now, sessions, own_code)
        self.player, theirs = socket.socketpair()
        self._theirs = theirs.detach()

    @contextlib.asynccontextmanager
    async def served(self):
        self.relay = Relay(await AsyncPlayerSocket.open(self._theirs))
        self.server = Server(self.relay, self.address, self.access)
        await self.server.start()
        running = asyncio.create_task(self.relay.run())
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.url, cookie_jar=jar) as session:
            yield session
        self.player.close()
        await running
        await self.server.stop()

    def say(self, **event):
        self.player.sendall(json.dumps(event).encode() + b"\n")

    def events(self, session, **headers):
        return session.ws_connect("/events", headers={"Origin": self.url} | headers)

    async def pair(self, session, code=None):
        headers = {"Origin": self.url}
        return await session.post("/pair", data=code or self.access.code, headers=headers)


@pytest.fixture
def loopback():
    return Panel("127.0.0.1")


@pytest.fixture
def anywhere():
    return Panel("0.0.0.0")  # noqa: S104


def run(panel, check):
    async def checked():
        async with panel.served() as session:
            return await asyncio.wait_for(check(session), 30)

    return asyncio.run(checked())


async def status(session, path, **headers):
    async with session.get(path, headers=headers, allow_redirects=False) as response:
        return response.status


async def refused(opening):
    """The status with which a WebSocket is refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with opening:
            pass
    return caught.value.status


def test_on_loopback_the_page_is_there_and_no_code_is_needed(loopback):
    async def check(session):
        async with session.get("/") as response:
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            etag = response.headers["ETag"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert await status(session, "/", **{"If-None-Match": etag}) == 304
        async with loopback.events(session) as browser:
            assert "state" in await browser.receive_json()

    assert loopback.access.notice == ""
    run(loopback, check)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "10.0.0.1:{port}"]
)
def test_a_name_that_is_not_ours_is_refused(loopback, host):
    name = host.format(port=loopback.address.port)

    async def check(session):
        assert await status(session, "/", Host=name) == 403
        opening = loopback.events(session, Host=name, Origin=f"http://{name}")
        assert await refused(opening) == 403

    run(loopback, check)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", ""])
def test_pages_elsewhere_give_no_orders(anywhere, origin):
    async def check(session):
        await anywhere.pair(session)
        assert await refused(anywhere.events(session, Origin=origin)) == 403
        assert await refused(session.ws_connect("/events")) == 403
        for headers in ({"Origin": origin}, {}):
            async with session.post(
                "/pair", data=anywhere.access.code, headers=headers
            ) as response:
                assert response.status == 403
                assert "Access-Control-Allow-Origin" not in response.headers

    run(anywhere, check)


def test_on_other_addresses_the_code_opens_the_door(anywhere):
    async def check(session):
        assert await status(session, "/") == 303
        assert [await status(session, path) for path in PRIVATE] == [401] * len(PRIVATE)
        assert await refused(anywhere.events(session)) == 401
        assert await status(session, "/pair") == 200
        assert (await anywhere.pair(session, "AAAA-AAAA")).status == 403
        response = await anywhere.pair(session)
        cookie = response.headers["Set-Cookie"]
        assert response.status == 204
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert await status(session, "/") == 200
        async with anywhere.events(session) as browser:
            assert "state" in await browser.receive_json()

    assert anywhere.access.code in anywhere.access.notice
    run(anywhere, check)


def test_a_session_that_is_revoked_ends_at_once(tmp_path):
    store = PairStore(tmp_path / "pairs")
    panel = Panel("0.0.0.0", Sessions(store))  # noqa: S104

    def revoke():
        store.change(lambda pairs: replace(pairs, pairs=()))

    async def check(session):
        await panel.pair(session)
        assert await status(session, "/") == 200
        async with panel.events(session) as browser:
            await browser.receive_json()
            revoke()
            await browser.send_json({"id": 1, "next": True})
            # What was on its way may still come, but no answer.
            while (message := await browser.receive()).type is aiohttp.WSMsgType.TEXT:
                assert "answer" not in message.json()
            assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert await status(session, "/") == 303
        await panel.pair(session)
        async with panel.events(session) as browser:
            await browser.receive_json()
            revoke()
            while (message := await browser.receive()).type is aiohttp.WSMsgType.TEXT:
                assert "answer" not in message.json()

    run(panel, check)


def test_guessing_is_slowed_down(anywhere):
    async def check(session):
        tries = [(await anywhere.pair(session, f"AAAA-{n}")).status for n in range(6)]
        assert tries == [403] * pairing.MOST_ATTEMPTS + [429]
        last = await anywhere.pair(session, "AAAA-6")
        assert (last.status, last.headers["Retry-After"]) == (429, "60")
        assert (await anywhere.pair(session)).status == 204  # this machine is never shut out

    run(anywhere, check)


def test_a_body_without_end_is_not_read(anywhere):
    async def check(session):
        assert (await anywhere.pair(session, "A" * 100_000)).status == 413

    run(anywhere, check)


def test_there_is_room_for_so_many_browsers(loopback):
    async def check(session):
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(clients.MOST_CLIENTS):
                await stack.enter_async_context(loopback.events(session))
            assert await refused(loopback.events(session)) == 503
        await asyncio.sleep(0.1)
        async with loopback.events(session) as browser:
            await browser.receive_json()

    run(loopback, check)


def test_only_what_was_saved_can_be_fetched(loopback, tmp_path):
    saved = tmp_path / "last ten.mid"
    saved.write_bytes(b"MThd")

    async def answer():
        line = await asyncio.get_running_loop().sock_recv(loopback.player, 1000)
        loopback.say(answer=json.loads(line)["id"], file=str(saved))

    async def check(session):
        loopback.player.setblocking(False)
        loopback.say(hello=hello())
        loopback.say(controls=CONTROLS)
        for name in ("last%20ten.mid", "..%2f..%2fetc%2fpasswd", "passwd"):
            assert await status(session, f"/recordings/{name}") == 404
        async with loopback.events(session) as browser:
            answering = asyncio.create_task(answer())
            await browser.send_json({"id": 5, "save": 10})
            while (told := await browser.receive_json()).get("answer") != 5:
                pass
            await answering
        assert told == {"answer": 5, "file": "last ten.mid", "link": "/recordings/last%20ten.mid"}
        async with session.get(told["link"]) as response:
            assert await response.read() == b"MThd"
            assert response.headers["Content-Disposition"] == "attachment"

    run(loopback, check)


def test_kept_tunes_are_listed_fetched_and_deleted(loopback, tmp_path):
    folder = keep(tmp_path, 0, 4)
    name = "0002-jig-in-D-major.mid"

    async def ask(browser, **request):
        await browser.send_json({"id": 5, **request})
        while (told := await browser.receive_json()).get("answer") != 5:
            pass
        return told

    async def check(session):
        loopback.say(hello=hello())
        loopback.say(controls=CONTROLS)
        async with session.get(loopback.url + "/kept") as response:
            assert await response.json() == {"tunes": []}
        async with loopback.events(session) as browser:
            loopback.say(kept={"folder": str(folder), "revision": 1, "waiting": [3]})
            while "kept" not in (told := await browser.receive_json()):
                pass
            assert told["kept"] == {"revision": 1, "waiting": [3]}
            tunes = (await ask(browser, kept=True))["tunes"]
            assert [(tune["name"], tune["stars"], tune["favourite"]) for tune in tunes] == [
                (name, 4, False), ("0001-jig-in-D-major.mid", 0, False),
            ]  # fmt: skip
            for suffix, begin in ((".mid", b"MThd"), (".abc", b"X:1"), (".musicxml", b"<?xml")):
                path = f"{loopback.url}/kept/{name.replace('.mid', suffix)}"
                async with session.get(path) as response:
                    assert (await response.read()).startswith(begin)
                    assert response.headers["Content-Disposition"] == "attachment"
            for other in ("..%2fstars.json", "stars.json", "0002-jig-in-D-major.doc", "0003-x.mid"):
                assert await status(session, f"/kept/{other}") == 404
            assert "refused" in await ask(browser, delete="../x.mid")
            assert "refused" in await ask(browser, delete="0009-x.mid")
            assert (await ask(browser, delete=name))["deleted"] == name
        assert not (folder / name).exists()

    run(loopback, check)


def test_a_player_that_does_not_answer_is_not_waited_for(loopback, monkeypatch):
    monkeypatch.setattr("stream.panel.relay.ANSWER_SECONDS", 0.01)

    async def check(session):
        async with loopback.events(session) as browser:
            await browser.receive_json()
            await browser.send_json({"id": 5, "next": True})
            while "answer" not in (told := await browser.receive_json()):
                pass
            return told

    assert "does not answer" in run(loopback, check)["refused"]
