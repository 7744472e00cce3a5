import socket
import threading

import pytest

from stream.control.socket import PlayerSocket, command_line
from stream.errors import MessageError

EVENTS = [{"playing": True}, {"notice": "é"}, {"controls": {"bpm": 90}}]
STREAM = (
    b'{"playing":true}\nnoise\n[1]\n\xff\n\n{"notice":"\xc3\xa9"}\n{"controls":{"bpm":90}}\n{"cu'
)


@pytest.fixture
def pair():
    """Give the player's end, and the descriptor of the controller's end."""
    player, controller = socket.socketpair()
    with player:
        yield player, controller.detach()


def test_a_controller_receives_events_to_the_end_and_sends_commands(pair):
    player, fileno = pair
    controller = PlayerSocket(fileno)
    player.sendall(STREAM)
    controller.send({"set": {"bpm": 100}})
    player.shutdown(socket.SHUT_WR)
    assert list(controller.events()) == EVENTS
    assert controller.ended
    assert player.recv(100) == b'{"set":{"bpm":100}}\n'


def test_a_controller_does_not_wait_for_a_player_that_has_ended(pair):
    player, fileno = pair
    controller = PlayerSocket(fileno)
    waiting = threading.Thread(target=lambda: list(controller.events()))
    waiting.start()
    player.close()
    for _ in range(3):
        controller.send({"panic": True})
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize("command", [{"save": float("nan")}, {"notice": "x" * 65536}])
def test_a_command_that_is_too_long_or_holds_nan_is_refused(command):
    with pytest.raises(MessageError, match="command"):
        command_line(command)
