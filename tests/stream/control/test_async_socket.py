import asyncio
import json
import socket

from stream.control.async_socket import AsyncPlayerSocket
from tests.stream.control.test_socket import EVENTS, STREAM


def test_a_hand_hears_to_the_end_and_is_heard():
    player, hand = socket.socketpair()

    async def run():
        line = await AsyncPlayerSocket.open(hand.detach())
        player.sendall(STREAM)
        line.tell({"next": True})
        await line.drain()
        player.shutdown(socket.SHUT_WR)
        found = [event async for event in line.events()]
        line.close()
        return found

    with player:
        assert asyncio.run(run()) == EVENTS
        assert json.loads(player.recv(100)) == {"next": True}
