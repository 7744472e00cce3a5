import asyncio
import json
import socket

from stream.control.async_socket import AsyncPlayerSocket
from tests.stream.control.test_socket import EVENTS, STREAM


def test_a_controller_receives_events_to_the_end_and_sends_commands():
    player, controller = socket.socketpair()

    async def run():
        player_socket = await AsyncPlayerSocket.open(controller.detach())
        player.sendall(STREAM)
        player_socket.send({"next": True})
        await player_socket.drain()
        player.shutdown(socket.SHUT_WR)
        found = [event async for event in player_socket.events()]
        player_socket.close()
        return found

    with player:
        assert asyncio.run(run()) == EVENTS
        assert json.loads(player.recv(100)) == {"next": True}
