import re

import pytest

from stream.pairs.document import MOST_PAIRS
from stream.pairs.sessions import INVITATION_SECONDS
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
    assert all(door.has_session(token) and len(token) == 43 for token in tokens)  # 256 bits
    assert not door.has_session("")
    assert not door.has_session("ABCD-EFGH")


@pytest.mark.parametrize("code", ["", "ABCD-EFG", "ABCD-EFGHH", "ÄBCD-EFGH", "\udcff"])
def test_no_other_code_does(door, code):
    with pytest.raises(PairingError, match=r"^Wrong code\."):
        door.pair(code, "a")


def test_a_session_lasts_however_seldom_it_is_used(door, clock):
    token = door.pair("ABCDEFGH", "a")
    for _ in range(3):
        clock.now += 1e8
        assert door.has_session(token)
    clock.now = 0
    assert door.has_session(token)


def test_the_oldest_session_makes_room(door):
    tokens = [door.pair("ABCDEFGH", "a") for _ in range(MOST_PAIRS + 1)]
    assert not door.has_session(tokens[0])
    assert all(door.has_session(token) for token in tokens[1:])


def test_an_invitation_pairs_once_and_for_minutes(door, clock):
    code = door.sessions.invite()
    assert door.has_session(door.pair(f" {code[:4].lower()}-{code[4:]} ", "a"))
    with pytest.raises(PairingError, match=r"^Wrong code\."):
        door.pair(code, "a")
    late = door.sessions.invite()
    clock.now += INVITATION_SECONDS
    with pytest.raises(PairingError, match=r"^Wrong code\."):
        door.pair(late, "b")


def right(door, address):
    """Whether the right code is taken, and else how long it is not."""
    try:
        return bool(door.pair("ABCDEFGH", address))
    except PairingError as error:
        return error.wait


def test_guessing_is_slow_for_one_address(door, clock):
    for _ in range(pairing.MOST_ATTEMPTS):
        assert wrong(door) == 0
        clock.now += 1
    left = pairing.WINDOW_SECONDS - pairing.MOST_ATTEMPTS
    assert wrong(door) == left
    assert right(door, "a") == left
    assert right(door, "b") is True
    with pytest.raises(PairingError, match=r"^Too many tries\. Wait 55 seconds\.$"):
        door.pair("ABCDEFGH", "a")
    clock.now += left - 0.25
    assert right(door, "a") == 1.0  # a whole second at least
    clock.now += 0.25
    assert wrong(door) == 0
    assert right(door, "a") == 1.0
    clock.now += 1
    assert right(door, "a") is True


def test_the_owner_comes_in_however_many_others_guess(door, clock):
    for number in range(pairing.MOST_ATTEMPTS_OF_ALL):
        assert wrong(door, f"address {number}") == 0
    assert right(door, "address 3") == pairing.WINDOW_SECONDS
    assert wrong(door, "yet another") == pairing.WINDOW_SECONDS
    assert right(door, "the owner") is True
    clock.now += 10
    assert wrong(door, "the owner") == pairing.WINDOW_SECONDS - 10
    for number in range(2 * pairing.MOST_REMEMBERED // 60):
        for guesser in range(60):  # a flood from everywhere
            wrong(door, f"{number} {guesser}")
        clock.now += 0.1
    # A slip costs no more than a window.
    assert 0 < right(door, "the owner") <= pairing.WINDOW_SECONDS
    clock.now += pairing.WINDOW_SECONDS - 0.1 * number
    wrong(door, "another")
    assert right(door, "the owner") is True


def test_a_slip_is_forgiven_after_a_window_though_others_go_on(door, clock):
    wrong(door, "the owner")
    for second in range(int(pairing.WINDOW_SECONDS)):
        assert wrong(door, f"{second}") == (0 if second < 29 else max(60 - second, 30))
        assert right(door, "the owner") == (True if second < 28 else 60 - second)
        clock.now += 1
    assert right(door, "the owner") is True


def test_the_last_slip_counts(door, clock):
    for _ in range(3):
        wrong(door, "the owner")
        clock.now += 10
    for number in range(pairing.MOST_ATTEMPTS_OF_ALL):
        wrong(door, f"{number}")
    assert right(door, "the owner") == pairing.WINDOW_SECONDS - 10
    clock.now += pairing.WINDOW_SECONDS - 10
    wrong(door, "another")
    assert right(door, "the owner") is True


def test_this_machine_is_never_shut_out(door):
    waits = [wrong(door, "") for _ in range(100)]
    assert waits[: pairing.MOST_ATTEMPTS] == [0] * pairing.MOST_ATTEMPTS
    assert min(waits[pairing.MOST_ATTEMPTS :]) == pairing.WINDOW_SECONDS
    assert right(door, "") is True


def test_guesses_are_limited_by_the_minute():
    assert (pairing.WINDOW_SECONDS, pairing.MOST_ATTEMPTS, pairing.MOST_ATTEMPTS_OF_ALL) == (
        60, 5, 30,
    )  # fmt: skip


def test_what_was_guessed_takes_bounded_memory(door):
    for number in range(5000):
        wrong(door, f"{number}")
    assert len(door._attempts) == 4096


def test_a_code_is_long_enough_to_be_guessed_at():
    """A thousand addresses, each as often as it may, for a year."""
    codes = len(pairing.LETTERS) ** pairing.LENGTH
    a_minute = 1000 + pairing.MOST_ATTEMPTS_OF_ALL
    assert a_minute * 60 * 24 * 365 / codes < 1 / 1500
    assert len(set(pairing.LETTERS)) == len(pairing.LETTERS) == 31
    assert not {*pairing.LETTERS} & {*"IL01O"}
