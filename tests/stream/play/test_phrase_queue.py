from stream.note import Note, Phrase
from stream.play.observer import Slot
from stream.play.phrase_queue import PhraseQueue

PHRASE = Phrase((Note(0, 48, 60),), 192, 120.0, index=0, tune=0, style="", voice="", seed=0)


def test_phrases_stand_back_to_back():
    queue = PhraseQueue()
    queue.append(PHRASE, earliest=10.0)
    queue.append(PHRASE, Slot(PHRASE, 0.0, 0.0, repeat=True), earliest=11.0)
    assert list(queue.upcoming) == [
        Slot(PHRASE, 10.0, 12.0),
        Slot(PHRASE, 12.0, 14.0, repeat=True, at=192),
    ]
    assert [timed.time for timed in queue.messages] == [10.0, 10.0, 10.5, 12.0, 12.0, 12.5]
    assert (queue.end, queue.music_seconds, queue.seconds(13.0)) == (14.0, 4.0, 1.0)


def test_a_phrase_begins_once():
    queue = PhraseQueue()
    queue.append(PHRASE, earliest=10.0)
    assert queue.begun(9.9) == []
    assert queue.begun(10.0) == [Slot(PHRASE, 10.0, 12.0)]
    assert queue.begun(11.0) == []
    assert queue.current == Slot(PHRASE, 10.0, 12.0)


def test_shift_moves_all_that_is_left():
    queue = PhraseQueue()
    queue.append(PHRASE, earliest=10.0)
    queue.append(PHRASE, earliest=10.0)
    queue.begun(10.0)
    queue.messages.popleft()
    queue.shift(0.25)
    assert [timed.time for timed in queue.messages] == [10.25, 10.75, 12.25, 12.25, 12.75]
    assert queue.current == Slot(PHRASE, 10.25, 12.25)
    assert list(queue.upcoming) == [Slot(PHRASE, 12.25, 14.25, at=192)]
    assert (queue.end, queue.music_seconds) == (14.25, 4.0)
