import asyncio

import pytest

from stream.panel import clients
from stream.panel.clients import Client, Clients


class Socket:
    """Takes a line when it is let."""

    def __init__(self):
        self.sent = []
        self.open = asyncio.Event()

    async def send_str(self, text):
        await self.open.wait()
        self.sent.append(text)


async def started():
    socket = Socket()
    client = Client(socket)
    client.start()
    await asyncio.sleep(0)
    return socket, client


async def settle():
    for _ in range(5000):
        await asyncio.sleep(0)


def test_a_slow_browser_receives_only_the_latest_snapshot():
    async def run():
        socket, client = await started()
        client.offer("first")
        await settle()
        for number in range(1000):
            client.offer_snapshot(f"moment {number}")
        client.offer("phrase")
        socket.open.set()
        await settle()
        client.offer_snapshot("moment 1000")
        await settle()
        client.drop()
        return socket.sent

    assert asyncio.run(run()) == ["first", "moment 999", "phrase", "moment 1000"]


def test_one_that_falls_behind_is_dropped():
    async def run():
        everybody = Clients()
        pairs = [await started() for _ in range(2)]
        for _, client in pairs:
            everybody.add(client)
        pairs[0][0].open.set()
        for number in range(clients.MOST_QUEUED + 2):
            everybody.broadcast(str(number))
            await asyncio.sleep(0)
        await asyncio.wait_for(pairs[1][1].ended(), 10)
        await settle()
        pairs[0][1].drop()
        return [len(socket.sent) for socket, _ in pairs]

    assert asyncio.run(run()) == [clients.MOST_QUEUED + 2, 0]


def test_one_that_takes_nothing_is_dropped(monkeypatch):
    monkeypatch.setattr(clients, "SEND_SECONDS", 0.01)

    async def run():
        _, client = await started()
        client.offer("hello")
        await asyncio.wait_for(client.ended(), 10)

    asyncio.run(run())


def test_messages_are_read_no_faster_than_answers_are_taken():
    async def run():
        socket, client = await started()
        for _ in range(clients.MOST_ANSWERS):
            await client.answer("yes")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.answer("too many"), 0.01)
        socket.open.set()
        await asyncio.wait_for(client.answer("yes"), 10)
        await settle()
        client.drop()
        return len(socket.sent)

    assert asyncio.run(run()) == clients.MOST_ANSWERS + 1
