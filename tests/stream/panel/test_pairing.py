import re

import pytest

from stream.panel import pairing
from stream.panel.pairing import Pairing, PairingError, new_code


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door(clock):
    return Pairing("ABCD-EFGH", clock)


def wrong(door, address="a"):
    with pytest.raises(PairingError) as caught:
        door.pair("AAAA-AAAA", address)
    return caught.value.wait


def test_codes_are_new_and_easily_read():
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(re.fullmatch("[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code) for code in codes)


@pytest.mark.parametrize("code", ["ABCD-EFGH", "abcdefgh", " abcd efgh\n"])
def test_the_code_buys_a_session_however_it_is_typed(door, code):
    tokens = {door.pair(code, "a") for _ in range(3)}
    assert len(tokens) == 3
    assert all(door.knows(token) and len(token) > 40 for token in tokens)
    assert not door.knows("")
    assert not door.knows("ABCD-EFGH")


@pytest.mark.parametrize("code", ["", "ABCD-EFG", "ABCD-EFGHH", "ÄBCD-EFGH", "\udcff"])
def test_no_other_code_does(door, code):
    with pytest.raises(PairingError, match="not the code"):
        door.pair(code, "a")


def test_a_session_ends_when_it_was_not_used_for_hours(door, clock):
    token = door.pair("ABCDEFGH", "a")
    for _ in range(3):
        clock.now += pairing.IDLE_SECONDS - 1
        assert door.knows(token)
    clock.now += pairing.IDLE_SECONDS + 1
    assert not door.knows(token)
    clock.now = 0
    assert not door.knows(token)


def test_the_session_not_used_for_longest_makes_room(door):
    first, second = (door.pair("ABCDEFGH", "a") for _ in range(2))
    assert door.knows(first)
    for _ in range(pairing.MOST_SESSIONS - 1):
        door.pair("ABCDEFGH", "a")
    assert door.knows(first)
    assert not door.knows(second)


def test_guessing_is_slow_for_one_address(door, clock):
    assert [wrong(door) for _ in range(pairing.MOST_ATTEMPTS)] == [0] * pairing.MOST_ATTEMPTS
    assert wrong(door) == pairing.WINDOW_SECONDS
    with pytest.raises(PairingError, match="Too many tries"):
        door.pair("ABCDEFGH", "a")
    assert door.pair("ABCDEFGH", "b")
    clock.now += pairing.WINDOW_SECONDS
    assert door.pair("ABCDEFGH", "a")


def test_guessing_is_slow_for_many_addresses(door):
    for number in range(pairing.MOST_ATTEMPTS_OF_ALL):
        assert wrong(door, f"address {number}") == 0
    assert wrong(door, "yet another") == pairing.WINDOW_SECONDS
