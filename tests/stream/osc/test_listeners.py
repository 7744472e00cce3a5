import pytest

from stream.errors import SettingsError
from stream.osc.datagram import messages
from stream.osc.listeners import ANSWERS_A_SECOND, MOST_LISTENERS, SUBSCRIBED_SECONDS, Listeners

A, B, NOBODY = ("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.1", 3)
NOTICE = ("/perpetuum/notice", ("x",))


class Wire:
    """A socket that keeps who was sent what."""

    def __init__(self):
        self.sent = []

    def sendto(self, content, to):
        if to == NOBODY:
            raise ConnectionRefusedError
        self.sent.append((to, messages(content)[0]))


def test_subscriptions_end_unless_they_are_renewed():
    wire = Wire()
    listeners = Listeners(wire)
    listeners.broadcast([NOTICE], 0.0)
    listeners.subscribe(A, 0.0)
    listeners.subscribe(B, 0.0)
    listeners.subscribe(B, 10.0)
    for now in (1.0, SUBSCRIBED_SECONDS, SUBSCRIBED_SECONDS + 10):
        listeners.broadcast([NOTICE], now)
    assert wire.sent == [(A, NOTICE), (B, NOTICE), (B, NOTICE)]


def test_who_unsubscribes_is_told_no_more():
    wire = Wire()
    listeners = Listeners(wire, permanent=B)
    listeners.subscribe(A, 0.0)
    listeners.unsubscribe(A)
    listeners.unsubscribe(A)
    listeners.broadcast([NOTICE, NOTICE], 1e9)
    assert wire.sent == [(B, NOTICE)] * 2


def test_nobody_there_keeps_nobody_from_hearing():
    wire = Wire()
    listeners = Listeners(wire)
    for listener in (NOBODY, A):
        listeners.subscribe(listener, 0.0)
    listeners.broadcast([NOTICE], 0.0)
    listeners.answer([NOTICE], NOBODY, 0.0)
    assert wire.sent == [(A, NOTICE)]


def test_only_so_many_listen():
    listeners = Listeners(Wire())
    for port in range(MOST_LISTENERS):
        listeners.subscribe(("127.0.0.1", port), 0.0)
    listeners.subscribe(("127.0.0.1", 0), 1.0)
    with pytest.raises(
        SettingsError, match=f"{MOST_LISTENERS} listeners are subscribed already; try again later"
    ):
        listeners.subscribe(("127.0.0.1", 999), 1.0)
    listeners.subscribe(("127.0.0.1", 999), SUBSCRIBED_SECONDS)


def test_only_so_much_is_answered():
    wire = Wire()
    listeners = Listeners(wire)
    for step in range(10_000):
        listeners.answer([NOTICE], A, 100.0 + step / 10_000)
    assert ANSWERS_A_SECOND <= len(wire.sent) <= 2 * ANSWERS_A_SECOND
    wire.sent.clear()
    listeners.answer([NOTICE], A, 102.0)
    assert wire.sent == [(A, NOTICE)]
