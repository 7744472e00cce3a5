"""A line that carries 3,125 bytes a second: notes pass, and of controllers the last values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.sinks.pacing import CONTROLLER_SECONDS, Pacer

RATE = 3125.0
LONGEST = 3
"""Bytes of a message."""


class Line:
    """A pacer and the wire behind it: what is written leaves at the wire's own pace."""

    def __init__(self):
        self.pacer = Pacer(RATE)
        self.written = []
        """Time (s) and bytes of each write."""

    def send(self, data, now):
        self.tend(now)
        self.keep(now, self.pacer.send(data, now))

    def tend(self, now):
        """Do what is due up to now, when it is due."""
        while (due := self.pacer.deadline) is not None and due <= now:
            self.keep(due, self.pacer.due(due))

    def keep(self, now, data):
        if data:
            self.written.append((now, data))

    def messages(self):
        """Each message, when it was written and when its last byte has left (s)."""
        free, found = 0.0, []
        for now, data in self.written:
            for at in range(0, len(data), LONGEST):
                free = max(free, now) + LONGEST / RATE
                found.append((data[at : at + LONGEST], now, free))
        return found


def cc(number, value, channel=0):
    return bytes([0xB0 | channel, number, value])


def note(pitch):
    return bytes([0x90, pitch, 80])


@pytest.mark.parametrize("numbers", [1, 8, 128])
@pytest.mark.parametrize("a_second", [1650, 5700])
def test_a_flood_of_controllers_delays_no_note(numbers, a_second):
    line, notes = Line(), 268
    events = [(n / a_second, cc(n % min(numbers, 120), n // 7 % 128)) for n in range(a_second * 10)]
    events += [(n * 10 / notes + 0.0001, note(n % 128)) for n in range(notes)]
    for now, data in sorted(events):
        line.send(data, now)
    line.tend(20.0)
    sent = [(data, now, left) for data, now, left in line.messages() if data[0] == 0x90]
    assert [data for data, _, _ in sent] == [note(n % 128) for n in range(notes)]
    for (_, now, left), n in zip(sent, range(notes), strict=True):
        assert now == n * 10 / notes + 0.0001
        assert left - now <= CONTROLLER_SECONDS + 2 * LONGEST / RATE + 1e-9
    final = {data[1]: data for _, data in events if data[0] == 0xB0}
    last = {data[1]: data for data, _, _ in line.messages() if data[0] == 0xB0}
    assert last == final


KINDS = [0x80, 0x90, 0xA0, 0xB0, 0xE0]
messages = st.builds(
    lambda kind, channel, number, value: bytes([kind | channel, number, value]),
    st.sampled_from(KINDS), st.integers(0, 2), st.integers(0, 3), st.integers(0, 127),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([0, 0, 0, 0.0001, 0.002, 0.01]), messages), max_size=300))
def test_whatever_comes_the_line_carries_it_and_ends_where_it_should(timed):
    line, now = Line(), 1.0
    for pause, data in timed:
        now += pause
        line.send(data, now)
    line.tend(now + 100)
    written = [data for data, _, _ in line.messages()]
    sent = [data for _, data in timed]
    assert [d for d in written if d[0] < 0xA0] == [d for d in sent if d[0] < 0xA0]

    def keyed(found):
        return {(d[0], d[1] if d[0] < 0xE0 else 0): d for d in found if d[0] >= 0xA0}

    assert keyed(written) == keyed(sent)
    assert line.pacer.take_waiting() == b""
    # What fills the line are notes alone: controllers wait for room.
    backlog = 0.0
    for data, then, left in line.messages():
        if data[0] >= 0xA0:
            assert left - then <= max(backlog - then, 0) + CONTROLLER_SECONDS + 2 * LONGEST / RATE
        else:
            backlog = left


def test_a_bank_stands_before_its_program_and_after_no_other():
    pacer = Pacer(RATE)
    for number in range(40, 60):
        pacer.send(cc(number, 1), 0.0)
    for number in (0, 32):
        assert pacer.send(cc(number, 5), 0.0) == b""
    assert pacer.send(b"\xc0\x07", 0.0) == cc(0, 5) + cc(32, 5) + b"\xc0\x07"
    assert pacer.send(b"\xc0\x08", 0.0) == b"\xc0\x08"


def test_what_silences_does_not_wait_and_nothing_undoes_it():
    pacer = Pacer(RATE)
    for number in range(40, 60):
        pacer.send(cc(number, 1), 0.0)
    assert pacer.send(cc(64, 127), 0.0) == b""
    assert pacer.send_first(cc(64, 0), 0.0) == cc(64, 0)
    assert cc(64, 127) not in pacer.take_waiting()
    assert pacer.take_waiting() == b""
    assert pacer.deadline is None
