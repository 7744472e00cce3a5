import itertools
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.control.socket import MOST_EVENT_BYTES, Lines, PlayerSocket, line_of
from stream.errors import MessageError

EVENTS = [{"playing": True}, {"notice": "é"}, {"controls": {"bpm": 90}}]
STREAM = (
    b'{"playing":true}\nnoise\n[1]\n\xff\n\n{"notice":"\xc3\xa9"}\n{"controls":{"bpm":90}}\n{"cu'
)


@pytest.fixture
def pair():
    """The player's end, and the descriptor of the hand's."""
    player, hand = socket.socketpair()
    with player:
        yield player, hand.detach()


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_events_come_whole_however_they_are_cut(cuts):
    lines, ends = Lines(), sorted({0, len(STREAM), *cuts})
    parts = [STREAM[a:b] for a, b in itertools.pairwise(ends)]
    assert [event for part in parts for event in lines.feed(part)] == EVENTS


def test_a_line_without_end_is_left_out_and_held_by_nobody():
    lines = Lines()
    assert list(lines.feed(b'{"notice":"' + b"x" * MOST_EVENT_BYTES)) == []
    assert list(lines.feed(b"x" * 10)) == []
    assert list(lines.feed(b'"}\n{"playing":true}\n')) == [{"playing": True}]


def test_a_hand_hears_to_the_end_and_is_heard(pair):
    player, fileno = pair
    hand = PlayerSocket(fileno)
    player.sendall(STREAM)
    hand.tell({"set": {"bpm": 100}})
    player.shutdown(socket.SHUT_WR)
    assert list(hand.events()) == EVENTS
    assert hand.ended
    assert player.recv(100) == b'{"set":{"bpm":100}}\n'


def test_nobody_waits_for_a_player_that_has_gone(pair):
    player, fileno = pair
    hand = PlayerSocket(fileno)
    waiting = threading.Thread(target=lambda: list(hand.events()))
    waiting.start()
    player.close()
    for _ in range(3):
        hand.tell({"panic": True})
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize("command", [{"save": float("nan")}, {"notice": "x" * 65536}])
def test_what_can_not_travel_is_refused(command):
    with pytest.raises(MessageError, match="command"):
        line_of(command)
