"""What is refused before anything is done, and with which words; nothing is a fault of ours."""

import asyncio
import contextlib
import http.cookies
import re
import socket

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.panel import access, connections, pairing
from stream.panel.access import AccessCheck
from stream.util.address import Address
from tests.stream.panel.fake_player import FakePlayer, free_port
from tests.stream.panel.test_server import Panel, run, status

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
    " form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Word by word: one that is left out, or opened, is a hole."""
EXPIRES = 400 * 24 * 3600


@pytest.fixture
def loopback():
    return Panel("127.0.0.1")


@pytest.fixture
def anywhere():
    return Panel("0.0.0.0")  # noqa: S104


def asked(lines, body=b""):
    """A request for `HOST`, from its own page."""
    first, *others = lines
    head = [first, b"Host: HOST", b"Origin: http://HOST", *others]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def post(*lines, body=b"ABCD"):
    length = [] if any(b"ransfer" in x or b"Length" in x for x in lines) else [len(body)]
    return asked(
        [b"POST /pair HTTP/1.1", *lines, *(b"Content-Length: %d" % n for n in length)], body
    )


def raw(*lines):
    return b"\r\n".join(lines) + b"\r\n\r\n"


UPGRADE = (b"Upgrade: websocket", b"Connection: Upgrade")
REQUESTS = {
    "its code is wrong": (403, post()),
    "no such character set": (400, post(b"Content-Type: text/plain; charset=x")),
    "one that is no text": (400, post(b"Content-Type: text/plain; charset=rot13")),
    "one that we do not take": (400, post(b"Content-Type: text/plain; charset=utf-16")),
    "a usual one": (403, post(b'Content-Type: text/plain; charset="UTF-8"')),
    "another usual one": (403, post(b"Content-Type: text/plain; charset=us-ascii")),
    "an odd type": (403, post(b"Content-Type: ;;;=")),
    "no text": (400, post(body=b"\xff\xfe")),
    "packed": (415, post(b"Content-Encoding: gzip", body=b"\x1f\x8b\x08")),
    "packed otherwise": (415, post(b"Content-Encoding: BR")),
    "packed twice": (415, post(b"Content-Encoding: identity", b"Content-Encoding: deflate")),
    "packed on its way": (415, post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    "not packed": (403, post(b"Content-Encoding: Identity")),
    "in pieces": (403, post(b"Transfer-Encoding: chunked", body=b"2\r\nAB\r\n0\r\n\r\n")),
    "a page that is packed": (415, asked([b"GET /pair HTTP/1.1", b"Content-Encoding: gzip"])),
    "too long": (413, post(body=b"A" * 4097)),
    "as long as it may be": (403, post(body=b"A" * 4096)),
    "said to be too long": (413, post(b"Content-Length: 99999999999", body=b"A")),
    "too long in pieces": (
        413, post(b"Transfer-Encoding: chunked", body=b"1001\r\n" + b"A" * 4097 + b"\r\n"),
    ),
    "wrong pieces": (400, post(b"Transfer-Encoding: chunked", body=b"zz\r\n")),
    "wrong pieces later": (400, post(b"Transfer-Encoding: chunked", body=b"1\r\nA\r\nzz\r\n")),
    "two lengths": (400, post(b"Content-Length: 1", b"Content-Length: 2")),
    "length and pieces": (400, post(b"Content-Length: 4", b"Transfer-Encoding: chunked")),
    "less than nothing": (400, post(b"Content-Length: -1")),
    "no number": (400, post(b"Content-Length: x")),
    "an odd expectation": (417, post(b"Expect: the unexpected")),
    "no host": (400, raw(b"GET /pair HTTP/1.1")),
    "two hosts": (400, raw(b"GET /pair HTTP/1.1", b"Host: HOST", b"Host: HOST")),
    "an empty host": (403, raw(b"GET /pair HTTP/1.1", b"Host:")),
    "a host without end": (403, raw(b"GET /pair HTTP/1.1", b"Host: [::1")),
    "a user at a host": (403, raw(b"GET /pair HTTP/1.1", b"Host: x@HOST")),
    "no origin": (403, raw(b"POST /pair HTTP/1.1", b"Host: HOST", b"Content-Length: 0")),
    "two origins": (403, post(b"Origin: http://HOST")),
    "an upgrade from elsewhere": (
        403, raw(b"GET /pair HTTP/1.1", b"Host: HOST", b"Origin: http://x", *UPGRADE),
    ),
    "another upgrade": (
        200, asked([b"GET /pair HTTP/1.1", b"Upgrade: h2c", b"Connection: Upgrade"]),
    ),
    "nobody we know": (401, asked([b"GET /events HTTP/1.1", *UPGRADE])),
    "old": (200, raw(b"GET /pair HTTP/1.0", b"Host: HOST")),
    "another version": (400, raw(b"GET /pair HTTP/9.9", b"Host: HOST")),
    "no request": (400, b"\x16\x03\x01\x02\x00\x01\r\n\r\n"),
    "a long line": (400, raw(b"GET /" + b"a" * 20_000 + b" HTTP/1.1", b"Host: HOST")),
    "a long header": (400, raw(b"GET /pair HTTP/1.1", b"Host: HOST", b"X: " + b"a" * 20_000)),
    "many headers": (
        400, raw(b"GET /pair HTTP/1.1", b"Host: HOST", *(b"X%d: a" % n for n in range(200))),
    ),
    "half an escape": (401, asked([b"GET /%ff%zz% HTTP/1.1"])),
    "upwards": (401, asked([b"GET /recordings/%2e%2e%2f%c0%af HTTP/1.1"])),
    "an odd question": (200, asked([b"GET /pair?%ff=%zz&&=%00 HTTP/1.1"])),
    "an odd cookie": (303, asked([b"GET / HTTP/1.1", b'Cookie: perpetuum-1=\xff"; $x;;='])),
    "of another place": (303, asked([b"GET http://HOST/ HTTP/1.1"])),
    "of no place": (400, asked([b"GET http://[::/ HTTP/1.1"])),
    "options": (405, asked([b"OPTIONS /pair HTTP/1.1"])),
    "options of all": (401, asked([b"OPTIONS * HTTP/1.1"])),
    "trace": (405, asked([b"TRACE /pair HTTP/1.1"])),
    "put": (405, asked([b"PUT /pair HTTP/1.1", b"Content-Length: 5"], b"AB")),
    "delete": (401, asked([b"DELETE /recordings/x.mid HTTP/1.1"])),
    "connect": (401, asked([b"CONNECT x:1 HTTP/1.1"])),
    "head": (200, asked([b"HEAD /pair HTTP/1.1"])),
}  # fmt: skip


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    return tmp_path_factory.mktemp("panel") / "journal"


@pytest.fixture(scope="module")
def served(journal):
    with FakePlayer(f"0.0.0.0:{free_port()}", journal=journal) as player:
        assert player.notice
        yield player


@pytest.mark.parametrize("name", REQUESTS)
def test_whatever_is_asked_has_an_answer_and_leaves_no_trace(served, journal, name):
    expected, request = REQUESTS[name]
    port = int(re.search(r":(\d+) ", served.notice)[1])
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request.replace(b"HOST", b"127.0.0.1:%d" % port))
        told = connection.recv(65536)
    version, number = told.split()[:2]
    assert version in {b"HTTP/1.1", b"HTTP/1.0"}
    # After so many wrong codes it is too many.
    assert int(number) in ({403, 429} if (expected, request[:4]) == (403, b"POST") else {expected})
    assert b"Traceback" not in told
    assert journal.read_text() == ""


SPLICES = st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=3)), max_size=4)
SWIFT = sorted(name for name, (expected, _) in REQUESTS.items() if expected not in {403, 413})


@given(st.sampled_from(SWIFT), SPLICES)
@settings(max_examples=200, deadline=None)
def test_however_it_is_garbled_it_is_no_fault_of_ours(served, journal, name, splices):
    port = int(re.search(r":(\d+) ", served.notice)[1])
    request = REQUESTS[name][1].replace(b"HOST", b"127.0.0.1:%d" % port)
    for at, piece in splices:
        request = request[:at] + piece + request[at + 1 :]
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        told = b""
        with contextlib.suppress(ConnectionError):
            told = connection.recv(65536)
    assert not re.match(rb"HTTP/1\.\d 5", told)
    assert journal.read_text() == ""


def test_one_after_the_other_in_a_single_piece(loopback):
    request = b"GET /icon.svg HTTP/1.1\r\nHost: %s\r\n\r\n"

    async def check(session):
        reader, writer = await asyncio.open_connection("127.0.0.1", loopback.address.port)
        host = f"127.0.0.1:{loopback.address.port}".encode()
        writer.write(request % host * 99 + b"GET / HTTP/1.0\r\nHost: " + host + b"\r\n\r\n")
        told = await reader.read()
        writer.close()
        return told.count(b" 200 OK")

    assert run(loopback, check) == 100


@pytest.mark.parametrize("path", ["/pair", "/app.js", "/nowhere", "/events"])
def test_every_answer_carries_all_headers(anywhere, path):
    async def check(session):
        for known in (False, True):
            if known:
                await anywhere.pair(session)
            async with session.get(path) as response:
                assert {name: response.headers.get(name) for name in HEADERS} == HEADERS

    run(anywhere, check)


def test_what_is_refused_says_why(anywhere):
    async def told(session, **options):
        async with session.request(**{"method": "GET", "url": "/app.js"} | options) as response:
            return response.status, await response.text()

    async def check(session):
        origin = {"Origin": anywhere.url}
        to_pair = {"method": "POST", "url": "/pair", "headers": origin}
        assert await told(session, headers={"Host": "x"}) == (
            403, "This panel does not serve this name; use the address that the player shows.\n",
        )  # fmt: skip
        assert await told(session, method="POST") == (
            403,
            "Only the page of this panel may send this request.\n",
        )
        assert await told(session) == (401, "Pair this browser first, at /pair.\n")
        assert await told(session, **to_pair, data="A") == (
            403, "Wrong code. The player shows the code where it was started.\n",
        )  # fmt: skip
        packed = {"method": "POST", "url": "/pair", "headers": origin | {"Content-Encoding": "br"}}
        assert await told(session, **packed) == (415, "Send the body without compression.\n")
        assert await told(session, **to_pair, data=b"\xff") == (
            400, "Send the code as UTF-8 text.\n",
        )  # fmt: skip
        for _ in range(pairing.MOST_ATTEMPTS):
            last = await told(session, **to_pair, data="A")
        assert last == (429, "Too many tries. Wait 60 seconds.\n")
        anywhere.now += 0.5
        async with session.post("/pair", data="A", headers=origin) as response:
            assert response.headers["Retry-After"] == "60"
        async with session.get("/", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/pair")

    run(anywhere, check)


def test_the_code_may_stand_among_other_letters_but_not_too_many(anywhere):
    async def check(session):
        code = anywhere.access.code
        spaced = await anywhere.pair(session, " " * (access.MOST_CODE - len(code)) + code)
        pushed = await anywhere.pair(session, " " * (access.MOST_CODE - len(code) + 1) + code)
        return spaced.status, pushed.status

    assert run(anywhere, check) == (204, 403)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "us-ascii", "Ascii", "'utf-8'"])
def test_a_code_may_be_said_to_be_a_plain_text(anywhere, name):
    async def check(session):
        headers = {"Origin": anywhere.url, "Content-Type": f"text/plain; charset={name}"}
        data = anywhere.access.code.encode()
        async with session.post("/pair", data=data, headers=headers) as response:
            return response.status

    assert run(anywhere, check) == 204


def test_a_code_has_seconds_to_come_and_little_room():
    """Long enough for a slow phone; too short for a hoard of half-sent ones to matter."""
    assert (access.BODY_SECONDS, access.MOST_BODY_BYTES, access.MOST_CODE) == (5, 4096, 64)
    # On every place of one address at a time, a year long.
    guesses = connections.MOST_OF_A_NETWORK / access.PAUSE_SECONDS * 3600 * 24 * 365
    assert 0.01 < guesses / len(pairing.LETTERS) ** pairing.LENGTH < 0.015


def test_where_no_code_is_needed_pairing_is_harmless(loopback):
    async def check(session):
        response = await loopback.pair(session, "anything")
        assert (response.status, "Set-Cookie" in response.headers) == (204, False)
        async with session.get("/") as response:
            assert "Set-Cookie" not in response.headers

    run(loopback, check)


def cookie_of(response):
    (cookie,) = http.cookies.SimpleCookie(response.headers.get("Set-Cookie", "")).values()
    return cookie


def test_a_cookie_is_given_anew_with_each_page(anywhere):
    async def check(session):
        first = cookie_of(await anywhere.pair(session))
        assert first.key == f"perpetuum-{anywhere.address.port}"
        assert {name: value for name, value in first.items() if value} == {
            "max-age": str(EXPIRES), "path": "/", "httponly": True, "samesite": "Strict",
        }  # fmt: skip
        for _ in range(3):
            anywhere.now += 1e8
            async with session.get("/") as response:
                assert cookie_of(response).output() == first.output()
        async with anywhere.events(session) as browser:
            cookie = cookie_of(browser._response)
            assert cookie.output() == first.output()
        cookies = {first.key: "other"}
        async with (
            aiohttp.ClientSession(anywhere.url, cookies=cookies) as stranger,
            stranger.get("/", allow_redirects=False) as response,
        ):
            assert "Set-Cookie" not in response.headers

    run(anywhere, check)


def test_two_panels_of_one_host_are_two_sessions():
    """A browser sends what a host has set to all ports of it."""
    one, other = Panel("0.0.0.0"), Panel("0.0.0.0")  # noqa: S104

    async def check():
        jar = aiohttp.CookieJar(unsafe=True)
        async with one.served(), other.served(), aiohttp.ClientSession(cookie_jar=jar) as session:
            for panel in (one, other):
                headers = {"Origin": panel.url}
                url = f"{panel.url}/pair"
                async with session.post(url, data=panel.access.code, headers=headers) as response:
                    assert response.status == 204
            return [await status(session, f"{panel.url}/app.js") for panel in (one, other)]

    assert asyncio.run(check()) == [200, 200]


@pytest.mark.parametrize(
    ("host", "needed"), [("127.0.0.1", False), ("::1", False), ("192.0.2.1", True), ("::", True)]
)
def test_a_code_is_needed_where_others_reach_the_panel(host, needed):
    found = AccessCheck(Address(host, 8765))
    assert bool(found.code) == needed
    assert found.notice == (f" pairing code {found.code}" if needed else "")
    assert found.admits("") != needed
    assert found.admits("x") != needed


class Request:
    """Of somebody at an address."""

    def __init__(self, remote):
        self.remote = remote


@pytest.mark.parametrize(
    ("remote", "sender"),
    [
        ("127.0.0.1", ""), ("127.9.9.9", ""), ("::1", ""), ("::ffff:127.0.0.1", ""), (None, ""),
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"),
    ],
)  # fmt: skip
def test_who_guesses_is_known_by_address_or_network(remote, sender):
    assert access._sender(Request(remote)) == sender


def test_who_brings_no_cookie_has_no_session():
    found = AccessCheck(Address("192.0.2.1", 8765))
    other = {"Cookie": "perpetuum-1=x"}
    assert found.token_of(make_mocked_request("GET", "/")) == ""
    assert found.token_of(make_mocked_request("GET", "/", headers=other)) == ""
