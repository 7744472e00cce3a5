"""The picture on a real pseudo-terminal: whatever the reader does, the screen shows the frame."""

import contextlib
import os
import pty
import termios

import pyte
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.play.observer import Snapshot
from stream.play.view import palette, terminal
from stream.play.view.frame import frame
from stream.play.view.live_view import FRAME_SECONDS, LiveView
from stream.play.view.scene import Scene
from stream.play.view.terminal import Terminal
from tests.stream.play.view.test_live_view import band_slot, moment, slot

SIZES = [(80, 24), (120, 40), (200, 60)]
WIPE = b"\x1b[2J"


class Watched:
    """A view on a terminal, and a screen that shows what was read of it."""

    def __init__(self, width, height):
        self.master, self._slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.said = b""
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(width, height)
        self.view = LiveView(Terminal(self._slave))
        self.now = 10.0

    def resize(self, width, height):
        termios.tcsetwinsize(self._slave, (height, width))
        self.screen.resize(height, width)
        self.size = width, height

    def read(self, most=1 << 20):
        """Show what has arrived, up to `most` bytes."""
        with contextlib.suppress(BlockingIOError):
            while most > 0 and (data := os.read(self.master, min(most, 65536))):
                most -= len(data)
                self.said += data
                self._stream.feed(data)

    def draw(self, snapshot):
        self.now = max(self.now + 0.001, self.view.refresh(snapshot))

    def settle(self, snapshot):
        """Draw and read until nothing is on its way, with the music at one place."""
        for _ in range(60):
            self.view.refresh(Snapshot(self.now, *_rest(snapshot)))
            self.now += FRAME_SECONDS
            self.read()

    def assert_shows(self, snapshot):
        """Compare every character, and the colors of all that is no space."""
        width, height = self.size
        scene = Scene(snapshot, (), "", cache=self.view._cache)
        for row, runs in enumerate(frame(scene, width, height)):
            cells = [(char, run) for run in runs for char in run.text]
            shown = [self.screen.buffer[row][column] for column in range(width)]
            for (char, run), cell in zip(cells, shown, strict=True):
                assert cell.data == char
                assert cell.bg == color(run.paper)
                assert char == " " or cell.fg == color(run.ink)

    def close(self):
        self.view.close()
        os.close(self.master)
        os.close(self._slave)


def _rest(snapshot):
    values = (snapshot.current, snapshot.upcoming, snapshot.stats, snapshot.sinks)
    return (*values, snapshot.playhead)


def color(index):
    return "".join(f"{part:02x}" for part in palette.TABLE[index])


@pytest.fixture(autouse=True)
def exact_colors(monkeypatch):
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def watched():
    made = []

    def make(width, height):
        made.append(Watched(width, height))
        return made[-1]

    yield make
    for each in made:
        each.close()


def play(watched, frames, read):
    """Draw `frames` frames of a band that plays on; `read` reads after each."""
    for number in range(frames):
        music = band_slot(10.0 + 2.0 * int((watched.now - 10.0) / 2.0))
        watched.draw(moment(watched.now, current=music, upcoming=(band_slot(music.end),)))
        read(number)
    return moment(watched.now, current=music, upcoming=(band_slot(music.end),))


@pytest.mark.parametrize("size", SIZES)
def test_after_many_frames_the_screen_shows_the_frame(watched, size):
    shown = watched(*size)
    last = play(shown, 150, lambda _: shown.read())
    shown.settle(last)
    shown.assert_shows(Snapshot(shown.now, *_rest(last)))
    assert shown.said.count(WIPE) == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_reader_that_stopped_sees_a_whole_screen_afterwards(watched, size):
    shown = watched(*size)
    play(shown, 20, lambda _: shown.read())
    last = play(shown, 100, lambda _: None)
    shown.settle(last)
    shown.assert_shows(Snapshot(shown.now, *_rest(last)))


def test_a_new_size_is_drawn_whole(watched):
    shown = watched(80, 24)
    for size in ((200, 60), (60, 60), (120, 30), (40, 12), (200, 60)):
        shown.resize(*size)
        last = play(shown, 12, lambda _: shown.read())
        shown.settle(last)
        shown.assert_shows(Snapshot(shown.now, *_rest(last)))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 9000), min_size=5, max_size=30))
def test_a_reader_may_take_as_little_as_it_likes(takes):
    shown = Watched(100, 30)
    try:
        last = play(shown, len(takes), lambda number: shown.read(takes[number]))
        shown.settle(last)
        shown.assert_shows(Snapshot(shown.now, *_rest(last)))
    finally:
        shown.close()


def test_a_screen_that_is_left_in_mid_frame_is_restored(watched, monkeypatch):
    monkeypatch.setattr(terminal, "CLOSE_SECONDS", 0.01)
    shown = watched(200, 60)
    shown.draw(moment(current=slot()))  # more than the terminal accepts at once
    shown.view.close()
    shown.read()
    assert not shown.said.endswith(b"\x1b[?1049l")  # nobody read in time
    shown = watched(80, 24)
    shown.draw(moment(current=slot()))
    shown.read()
    shown.view.close()
    shown.read()
    assert b"\x1b[?25h\x1b[?1049l" in shown.said
