from hypothesis import given
from hypothesis import strategies as st
from mido import MetaMessage

from stream.music.note import Note, Phrase, ticks_to_seconds
from stream.play.timing.scheduler import OFF, ON, TEMPO, TimedMessage, timeline
from tests.stream.conftest import left_sounding, off, on


def phrase(*notes, length=192, bpm=120.0):
    return Phrase(notes, length, bpm, index=0, tune=0, style="", voice="", seed=0)


def tempo(time, microseconds=500_000):
    return TimedMessage(time, TEMPO, MetaMessage("set_tempo", tempo=microseconds))


def test_a_whole_phrase():
    line = timeline(phrase(Note(0, 48, 60), Note(48, 24, 62, 99, 3), Note(96, 96, 64)), 10.0)
    assert line.end == 12.0
    assert [(t.time, t.order, t.message) for t in line.messages] == [
        (t.time, t.order, t.message)
        for t in (
            tempo(10.0),
            on(10.0, 60),
            off(10.5, 60),
            on(10.5, 62, 3, 99),
            off(10.75, 62, 3),
            on(11.0, 64),
            off(12.0, 64),
        )
    ]


def test_a_note_struck_again_ends_there():
    line = timeline(phrase(Note(0, 96, 60), Note(48, 96, 60)), 0.0)
    assert [(t.time, t.order) for t in line.messages[1:]] == [
        (0.0, ON),
        (0.5, OFF),
        (0.5, ON),
        (1.5, OFF),
    ]


def test_of_notes_struck_together_the_longest_stays():
    line = timeline(phrase(Note(0, 24, 60), Note(0, 48, 60)), 0.0)
    assert [(t.time, t.order) for t in line.messages[1:]] == [(0.0, ON), (0.5, OFF)]


def test_an_empty_phrase_takes_its_time():
    line = timeline(phrase(bpm=60.0), 1.0)
    assert line.end == 5.0
    assert [t.order for t in line.messages] == [TEMPO]


notes = st.builds(
    Note,
    onset=st.integers(0, 191),
    duration=st.integers(1, 400),
    pitch=st.integers(60, 63),
    velocity=st.integers(1, 127),
    channel=st.integers(0, 1),
)
phrases = st.builds(
    lambda notes, bpm: phrase(*sorted(notes, key=lambda n: n.onset), bpm=bpm),
    st.lists(notes, max_size=30),
    st.floats(20.0, 400.0),
)


@given(phrases, st.floats(0.0, 1e6))
def test_what_holds_for_every_phrase(phrase, start):
    line = timeline(phrase, start)
    assert list(line.messages) == sorted(line.messages)
    assert all(start <= timed.time <= line.end for timed in line.messages)
    assert line.end == start + ticks_to_seconds(phrase.length, phrase.bpm)
    sounding = set()
    for timed in line.messages[1:]:
        key = (timed.message.channel, timed.message.note)
        assert (timed.order == ON) == (key not in sounding)
        sounding ^= {key}
    assert not sounding
    assert {
        (n.channel, n.pitch, start + ticks_to_seconds(n.onset, phrase.bpm)) for n in phrase.notes
    } == {(t.message.channel, t.message.note, t.time) for t in line.messages if t.order == ON}


@given(phrases, phrases)
def test_phrases_join_without_overlap(one, two):
    first = timeline(one, 3.0)
    second = timeline(two, first.end)
    joined = first.messages + second.messages
    assert list(joined) == sorted(joined, key=lambda timed: timed.time)
    assert not left_sounding(timed.message for timed in joined if not timed.message.is_meta)
