import pytest

from stream.panel.recent_phrases import KEPT_SECONDS, RecentPhrases


def phrase(start, *onsets, tune=0):
    notes = [[onset, 1.0, 60, 80, 0] for onset in onsets]
    return {"start": start, "end": start + 4.0, "tune": tune, "notes": notes}


@pytest.fixture
def music():
    found = RecentPhrases()
    found.add(phrase(0.0, 0.0, 1.0, 2.5))
    found.add(phrase(4.0, 4.0))
    return found


def told(music):
    return [(p["start"], p["end"], [tuple(n[:2]) for n in p["notes"]]) for p in music.phrases]


def test_a_cut_takes_what_comes_and_ends_what_sounds(music):
    music.cut(3.0)
    assert told(music) == [(0.0, 3.0, [(0.0, 1.0), (1.0, 1.0), (2.5, 0.5)])]


def test_what_replaces_it_follows(music):
    music.cut(0.5)
    music.add(phrase(0.5, 1.0))
    assert told(music) == [(0.0, 0.5, [(0.0, 0.5)]), (0.5, 4.5, [(1.0, 1.0)])]


def test_what_begins_later_is_moved(music):
    music.move(2.0, 10.0)
    assert told(music) == [
        (0.0, 14.0, [(0.0, 1.0), (1.0, 1.0), (12.5, 1.0)]),
        (14.0, 18.0, [(14.0, 1.0)]),
    ]


def test_the_last_minute_is_kept(music):
    music.forget(4.0 + KEPT_SECONDS)
    assert len(music.phrases) == 2
    music.forget(4.1 + KEPT_SECONDS)
    assert [p["start"] for p in music.phrases] == [4.0]


def test_memory_is_bounded():
    music = RecentPhrases()
    for number in range(1000):
        music.add(phrase(float(number)))
    assert [music.phrases[0]["start"], music.phrases[-1]["start"]] == [744.0, 999.0]
