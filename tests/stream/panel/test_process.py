"""The panel as the player starts it: a process with a socket."""

import asyncio
import json
import os
import random
import re
import socket
import urllib.request

import aiohttp
import pytest

from tests.stream.panel.fake_player import FakePlayer, free_port

MESSAGES = 10_000
SEED = 20


def test_it_says_where_it_is_and_ends_with_the_player():
    port = free_port()
    player = FakePlayer(f"127.0.0.1:{port}")
    assert player.notice == f"panel: http://127.0.0.1:{port}"
    assert player.close() == 0


def test_elsewhere_it_says_the_code():
    port = free_port()
    with FakePlayer(f"0.0.0.0:{port}") as player:
        pattern = rf"panel: http://[^ ]+:{port} pairing code [A-Z2-9]{{4}}-[A-Z2-9]{{4}}"
        assert re.fullmatch(pattern, player.notice)


def test_all_addresses_of_both_families_are_told_as_such():
    port = free_port()
    with FakePlayer(f"[::]:{port}") as player:
        if not player.notice.startswith("panel: http"):
            assert "without IPv6 use --panel 0.0.0.0:" in player.notice
            pytest.skip("this machine has no IPv6")
        assert re.fullmatch(
            rf"panel: http://[0-9a-z.-]+:{port} \(IPv4( and IPv6|; IPv6: http://\[[0-9a-f:]+\]:{port})\)"
            r" pairing code [A-Z2-9]{4}-[A-Z2-9]{4}",
            player.notice,
        )
        for host in ("127.0.0.1", "[::1]"):
            with urllib.request.urlopen(f"http://{host}:{port}/pair", timeout=30) as page:
                assert page.status == 200


@pytest.mark.parametrize(
    ("address", "remedy", "exit_status"),
    [
        # 1: the player tries again; the address may appear, or its user may leave.
        ("127.0.0.1:{taken}", "choose another one, such as --panel 127.0.0.1:{next}", 1),
        ("192.0.2.1:8080", "the player tries again", 1),
        ("a b", "write a host and a port", 2),
    ],
)
def test_an_address_that_can_not_be_had(address, remedy, exit_status):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        player = FakePlayer(address.format(taken=taken))
        status = os.waitstatus_to_exitcode(os.waitpid(player.pid, 0)[1])
        assert remedy.format(next=taken % 65535 + 1) in player.notice
        assert "\n" not in player.notice
        assert status == exit_status
        player.leave()


def wrong(dice):
    """One message that nobody could grant."""
    junk = [
        None, True, False, 0, -1, 1e300, float("nan"), float("inf"), "", "x" * 50, "\0", [], {},
        [[]], {"": None}, [1, 2], {"bpm": {}}, 2**70, "\u202e", -0.5, 3.7,
    ]  # fmt: skip
    never = {
        "play": [x for x in junk if not isinstance(x, bool)],
        "next": [x for x in junk if x is not True],
        "panic": [x for x in junk if x is not True],
        "save": [x for x in junk if not (type(x) is float and x == 3.7)],
        "stars": junk,
        "out": [x for x in junk if x != "null"],
        "voice": junk,
        "cc": [x for x in junk if x != {}],
        "set": [x for x in junk if x != {}],
        "polka": junk,
    }
    fields = ("bpm", "temperature", "top_p", "low", "swing", "style", "scale", "seed", "", "walk")
    bad = [None, [], {}, float("nan"), float("-inf"), 1e99, -1e99, "x:", "\0", 2**70, "A polka"]
    kind = dice.randrange(6)
    if kind == 0:
        return dice.randbytes(dice.randrange(200))
    if kind == 1:
        return "".join(chr(dice.randrange(1, 0xD800)) for _ in range(dice.randrange(100)))
    if kind == 2:
        return "{" * dice.randrange(3000) + json.dumps(dice.choice(junk))
    if kind == 3:
        size = dice.choice((9_000, 70_000, 300_000)) if dice.random() < 0.05 else 8_193
        return json.dumps({"id": 1, "set": {"style": "x" * size}})
    if kind == 4:
        changes = {dice.choice(fields): dice.choice(bad) for _ in range(dice.randrange(1, 4))}
        return json.dumps({"id": dice.randrange(9), "set": changes})
    name = dice.choice(list(never))
    number = dice.choice([1, 2, 3, *junk])
    return json.dumps({"id": number, name: dice.choice(never[name])})


def test_ten_thousand_wrong_messages_are_refused_each_with_a_reason():
    async def run(player):
        dice = random.Random(SEED)
        host = player.url.removeprefix("http://")
        async with aiohttp.ClientSession() as session:
            opening = session.ws_connect(
                f"http://{host}/events", headers={"Origin": f"http://{host}"}, max_msg_size=0
            )
            async with opening as browser:

                async def send():
                    for _ in range(MESSAGES):
                        message = wrong(dice)
                        text = isinstance(message, str)
                        await (browser.send_str if text else browser.send_bytes)(message)

                sending = asyncio.create_task(send())
                answers = []
                while len(answers) < MESSAGES:
                    event = await browser.receive_json()
                    answers += [event] if "answer" in event else []
                await sending
                await browser.send_json({"id": 77, "set": {"bpm": 91}})
                while (event := await browser.receive_json()).get("answer") != 77:
                    assert "answer" not in event
        return answers, event

    with FakePlayer() as player:
        answers, last = asyncio.run(run(player))
        assert all(answer["refused"] for answer in answers)
        assert all(answer["refused"].isprintable() for answer in answers)
        assert last == {"answer": 77}
        assert player.heard == [{"set": {"bpm": 91}}]
        assert player.close() == 0
