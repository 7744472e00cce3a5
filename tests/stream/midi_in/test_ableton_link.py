import asyncio
import time

import pytest

from stream.errors import SettingsError
from stream.midi_in.ableton_link import LinkSession, LinkThread


def test_a_session_is_followed_while_it_has_peers():
    session = LinkSession()
    assert session.state(9.0, 3.0, 120.0, playing=False) == []
    assert session.peers(1) == [{"notice": "Link: following the session"}]
    assert session.peers(2) == []
    assert session.state(10.0, 5.25, 120.0, playing=False) == [
        {"follow": {"time": 10.0, "beat": 5.25, "bpm": 120.0}}
    ]
    assert session.peers(0) == [{"notice": "Link: the last peer has left the session"}]
    assert session.state(11.0, 6.0, 120.0, playing=False) == []


def test_beats_count_from_the_bar_that_a_start_launches_at():
    session = LinkSession()
    session.peers(1)
    assert session.state(10.0, 5.0, 120.0, playing=True) == [
        {"start": 11.5},
        {"follow": {"time": 10.0, "beat": -3.0, "bpm": 120.0}},
    ]
    assert session.state(12.0, 9.0, 120.0, playing=True) == [
        {"follow": {"time": 12.0, "beat": 1.0, "bpm": 120.0}}
    ]
    assert session.state(13.0, 11.0, 120.0, playing=False) == [
        {"stop": True},
        {"follow": {"time": 13.0, "beat": 3.0, "bpm": 120.0}},
    ]


SEEN = [
    # Beats: of the reading before, of the first reading while it plays, of its start.
    (7.75, 7.9, 8.0),
    (7.9, 8.0, 8.0),
    (7.95, 8.2, 8.0),
    (8.05, 8.3, 12.0),
    (4.0, 7.9, 8.0),
    (1.0, 9.0, 12.0),
]


@pytest.mark.parametrize(("before", "beat", "begins"), SEEN)
def test_a_start_just_before_a_bar_begins_with_it(before, beat, begins):
    """The session is read four times a beat: a bar line may pass before its start is noticed."""
    session = LinkSession()
    session.peers(1)
    session.state(before / 2, before, 120.0, playing=False)
    commands = session.state(beat / 2, beat, 120.0, playing=True)
    assert commands == [
        {"start": pytest.approx(begins / 2)},
        {"follow": {"time": beat / 2, "beat": pytest.approx(beat - begins), "bpm": 120.0}},
    ]


def test_a_start_that_is_reported_behind_a_bar_line_waits_for_the_next():
    session = LinkSession()
    session.peers(1)
    session.state(3.95, 7.9, 120.0, playing=False)
    session.note_change(4.05)
    assert session.state(4.05, 8.1, 120.0, playing=True)[0] == {"start": pytest.approx(6.0)}


class Library:
    """In place of aalink: a session at phase 3.9 in which a peer starts."""

    def __init__(self):
        self.beat, self.tempo, self.num_peers, self.playing = 3.75, 120.0, 1, False
        self.looks = 0

    def Link(self, bpm):  # noqa: N802 (aalink's name)
        return self

    def set_start_stop_callback(self, callback):
        self._callback = callback

    async def sync(self, beats):
        self.looks += 1
        if self.looks == 2:
            self.beat, self.playing = 3.9, True
            self._callback(True)
            await asyncio.sleep(0)
            self.beat = 4.15
        if self.looks == 3:
            raise asyncio.CancelledError


def test_a_start_is_sent_at_once(monkeypatch):
    sent = []
    monkeypatch.setattr("stream.midi_in.ableton_link.library", Library)
    thread = LinkThread(sent.append)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(thread._follow())
    begun = next(i for i, command in enumerate(sent) if "start" in command)
    follow = sent[begun + 1]["follow"]
    assert follow["beat"] == pytest.approx(-0.1)
    assert sent[begun]["start"] - follow["time"] == pytest.approx(0.05)


def test_without_aalink_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "aalink", None)
    with pytest.raises(SettingsError, match=r"pip install 'aalink>=0.1'; or follow"):
        LinkThread(print)


def test_a_beat_is_sent_with_the_time_at_which_it_was_read(monkeypatch):
    sent = []
    monkeypatch.setattr("stream.midi_in.ableton_link.library", Library)
    begin = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(LinkThread(sent.append)._follow())
    end = time.monotonic()
    times = [command["follow"]["time"] for command in sent if "follow" in command]
    assert times
    assert all(begin <= at <= end for at in times)
