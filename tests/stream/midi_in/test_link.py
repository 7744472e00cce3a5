import pytest

from stream.errors import SettingsError
from stream.midi_in.link import LinkThread, Session


def test_a_session_is_followed_while_somebody_is_in_it():
    session = Session()
    assert session.state(9.0, 3.0, 120.0, playing=False) == []
    assert session.peers(1) == [{"notice": "Link: following the session"}]
    assert session.peers(2) == []
    assert session.state(10.0, 5.25, 120.0, playing=False) == [
        {"follow": {"time": 10.0, "beat": 5.25, "bpm": 120.0}}
    ]
    assert session.peers(0) == [{"notice": "Link: nobody else is there"}]
    assert session.state(11.0, 6.0, 120.0, playing=False) == []


def test_beats_count_from_the_bar_that_a_start_launches_at():
    session = Session()
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


def test_without_aalink_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "aalink", None)
    with pytest.raises(SettingsError, match=r"'pip install perpetuum\[link\]'"):
        LinkThread(print)
