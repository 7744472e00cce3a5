import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.radio.encoder import RATE
from stream.radio.renderer import BLOCK, BLOCK_SECONDS, Event, Renderer

ON, OFF, PROGRAM, LEVEL = b"\x90\x3c\x64", b"\x80\x3c\x00", b"\xc0\x05", b"\xb0\x07\x40"


class Player:
    """Notes at which frame each message is played; its sound is one byte a frame."""

    def __init__(self):
        self.played = []
        self.frames = 0
        self.silenced = 0

    def perform(self, data):
        if data[0] < 0x80:
            raise ValueError(data)
        self.played.append((self.frames, data))

    def sound(self, frames):
        assert frames > 0
        self.frames += frames
        return bytes(frames)

    def silence(self):
        self.silenced += 1


@pytest.fixture
def player():
    return Player()


@pytest.fixture
def renderer(player):
    return Renderer(player, 100.0)


def test_each_message_is_played_at_its_sample(player, renderer):
    renderer.add(Event(100.0, PROGRAM))
    renderer.add(Event(100.15, OFF))
    renderer.add(Event(100.05, ON))  # out of order
    assert len(renderer.block().sound) == len(renderer.block().sound) == BLOCK
    assert player.played == [
        (0, PROGRAM),
        (round(0.05 * RATE), ON),
        (round(0.15 * RATE), OFF),
    ]
    assert renderer.position == pytest.approx(100.0 + 2 * BLOCK_SECONDS)


def test_a_late_message_is_played_at_once(player, renderer):
    renderer.block()
    renderer.add(Event(100.01, ON))
    renderer.block()
    assert player.played == [(BLOCK, ON)]


def test_a_stale_note_is_left_out_but_not_its_end(player, renderer):
    for _ in range(20):
        renderer.block()
    renderer.add(Event(100.5, ON))
    renderer.add(Event(100.6, OFF))
    renderer.add(Event(100.6, PROGRAM))
    renderer.block()
    assert [data for _, data in player.played] == [OFF, PROGRAM]


def test_what_is_no_message_is_left_out(player, renderer):
    renderer.add(Event(100.0, b"\x05"))
    renderer.add(Event(100.0, ON))
    assert len(renderer.block().sound) == BLOCK
    assert player.played == [(0, ON)]


def test_the_title_changes_with_its_tune(renderer):
    renderer.add(Event(100.0 + 1.5 * BLOCK_SECONDS, title="jig"))
    assert [renderer.block().title for _ in range(3)] == ["", "jig", "jig"]


def test_skipped_notes_are_left_out_and_settings_are_not(player, renderer):
    renderer.add(Event(100.0, ON))
    renderer.block()
    renderer.add(Event(105.0, OFF))
    for time, data in ((110.0, PROGRAM), (110.0, ON), (110.5, OFF), (119.9, LEVEL), (120.1, ON)):
        renderer.add(Event(time, data))
    renderer.add(Event(111.0, title="reel"))
    renderer.skip(120.0)
    assert player.silenced == 1
    assert [data for _, data in player.played[1:]] == [PROGRAM, LEVEL]
    assert renderer.title == "reel"
    assert renderer.position == 120.0
    for _ in range(2):
        renderer.block()
    assert player.played[-1] == (BLOCK + round(0.1 * RATE), ON)
    renderer.skip(119.0)  # time never goes back
    assert renderer.position > 120.0
    assert player.silenced == 1


@pytest.mark.parametrize("ending", [OFF, b"\x90\x3c\x00", b"\xb0\x7b\x00", b"\xb0\x78\x00"])
def test_notes_that_are_held_sound_after_what_was_skipped(player, renderer, ending):
    renderer.add(Event(101.0, ON))
    renderer.add(Event(101.0, b"\x91\x30\x40"))
    renderer.add(Event(102.0, ending))
    for time in (110.0, 110.1, 110.2):
        renderer.skip(time)
    assert [data for _, data in player.played if data[0] & 0xF0 == 0x90] == []
    renderer.block()
    renderer.block()
    notes = [data for _, data in player.played if data[0] & 0xF0 == 0x90]
    assert notes == [b"\x91\x30\x40"]
    assert player.silenced == 1


@given(
    st.lists(st.tuples(st.floats(99.0, 102.0), st.sampled_from((ON, OFF, PROGRAM))), max_size=30)
)
def test_blocks_are_whole_whatever_comes(events):
    player = Player()
    renderer = Renderer(player, 100.0)
    blocks = 0
    for time, data in events:
        renderer.add(Event(time, data))
        assert len(renderer.block().sound) == BLOCK
        blocks += 1
    for _ in range(25):
        assert len(renderer.block().sound) == BLOCK
    assert player.frames == (blocks + 25) * BLOCK
    times = [frame for frame, _ in player.played]
    assert times == sorted(times)
    assert sum(data != ON for _, data in player.played) == sum(d != ON for _, d in events)
