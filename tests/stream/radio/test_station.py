import asyncio
import itertools

import pytest

from stream.radio.broadcast import BURST_SECONDS, Broadcast
from stream.radio.renderer import BLOCK_SECONDS, Block
from stream.radio.station import BEHIND_SECONDS, Station


class Renderer:
    """Numbers its blocks by their position."""

    def __init__(self):
        self.position = 0.0
        self.skips = []

    def block(self):
        made = Block(f"{self.position:.3f}".encode(), "jig")
        self.position += BLOCK_SECONDS
        return made

    def skip(self, time):
        self.skips.append(time)
        self.position = time


class Encoder:
    def encode(self, samples):
        return b"<" + samples + b">"


@pytest.fixture
def renderer():
    return Renderer()


@pytest.fixture
def broadcast():
    return Broadcast()


@pytest.fixture
def station(renderer, broadcast):
    station = Station(renderer, Encoder(), broadcast)
    return lambda until: asyncio.run(station.advance(until))


def heard(listener):
    blocks = []
    while not listener._queue.empty():
        blocks.append(listener._queue.get_nowait())
    return blocks


def test_one_encoding_serves_all(station, broadcast):
    one, other = broadcast.join(None), broadcast.join(None)
    station(1.0)
    blocks = heard(one)
    assert len(blocks) == int(1.0 / BLOCK_SECONDS)
    assert blocks[0] == Block(b"<0.000>", "jig")
    assert heard(other) == blocks


def test_nothing_is_made_while_nobody_listens(station, renderer, broadcast):
    for second in range(10):
        station(float(second))
    assert renderer.position == 9.0 - BURST_SECONDS
    late = broadcast.join(None)
    station(9.0)
    blocks = heard(late)
    # The first listener gets the last seconds at once.
    assert blocks[0].sound == b"<6.000>"
    assert len(blocks) == int(BURST_SECONDS / BLOCK_SECONDS)


def test_a_late_listener_begins_with_the_last_seconds(station, broadcast):
    broadcast.join(None)
    station(4.9)
    late = broadcast.join(None)
    before = heard(late)
    assert len(before) == round(BURST_SECONDS / BLOCK_SECONDS)
    station(5.5)
    sounds = [block.sound for block in before + heard(late)]
    numbers = [float(sound[1:-1]) for sound in sounds]
    gaps = [b - a for a, b in itertools.pairwise(numbers)]
    assert gaps == pytest.approx([BLOCK_SECONDS] * len(gaps), abs=0.002)


def test_after_a_stop_the_stream_goes_on_where_the_music_is(station, renderer, broadcast):
    listener = broadcast.join(None)
    station(1.0)
    heard(listener)
    station(1.0 + BEHIND_SECONDS - 0.5)  # a little late: caught up
    assert renderer.skips == []
    heard(listener)
    station(100.0)
    assert renderer.skips == [100.0 - BURST_SECONDS]
    assert heard(listener)[0].sound == b"<97.000>"
    late = broadcast.join(None)
    assert heard(late)[0].sound == b"<97.000>"
