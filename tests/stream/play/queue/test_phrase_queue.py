import dataclasses

from stream.music.note import Note, Phrase
from stream.play.observer import Slot
from stream.play.queue.phrase_queue import Cut, PhraseQueue
from stream.play.queue.splice_points import SplicePoint
from stream.play.timing.tempo_map import TempoMap

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


def test_a_gap_and_a_new_tempo_begin_a_new_line():
    queue = PhraseQueue()
    queue.append(PHRASE, earliest=10.0)
    queue.append(PHRASE, earliest=20.0)
    queue.append(dataclasses.replace(PHRASE, bpm=60.0), earliest=0.0)
    assert [(slot.start, slot.end) for slot in queue.upcoming] == [
        (10.0, 12.0), (20.0, 22.0), (22.0, 26.0),
    ]  # fmt: skip


def test_errors_of_rounding_never_add_up():
    queue, short = PhraseQueue(), dataclasses.replace(PHRASE, length=7, bpm=97.3)
    for _ in range(10_000):
        queue.append(short, earliest=1000.1)
    assert queue.end == TempoMap(1000.1, 0, 97.3).at(70_000)


def cut_queue():
    """Three phrases from 10 s on, cut in the middle of the second."""
    queue = PhraseQueue()
    queue.watch()
    for _ in range(3):
        queue.append(PHRASE, Slot(PHRASE, 0.0, 0.0, source=PHRASE, finish=192), earliest=10.0)
    queue.edits.clear()
    removed = queue.cut(SplicePoint(queue.upcoming[1], 24, 12.25))
    return queue, removed


def test_a_cut_takes_out_what_is_later_and_ends_what_sounds():
    queue, removed = cut_queue()
    assert [(slot.start, slot.begin) for slot in removed] == [(12.0, 24), (14.0, 0)]
    assert [(s.start, s.end, s.phrase.length, s.finish) for s in queue.slots()] == [
        (10.0, 12.0, 192, 192), (12.0, 12.25, 24, 24),
    ]  # fmt: skip
    assert [(t.time, t.message.type) for t in queue.messages][-3:] == [
        (12.0, "set_tempo"), (12.0, "note_on"), (12.25, "note_off"),
    ]  # fmt: skip
    assert (queue.end, queue.music_seconds) == (12.25, 2.25)
    assert list(queue.edits) == [Cut(12.25)]


def test_a_cut_behind_the_end_takes_no_music():
    queue = PhraseQueue()
    queue.append(PHRASE, Slot(PHRASE, 0.0, 0.0, source=PHRASE, finish=192), earliest=10.0)
    queue.cut(SplicePoint(queue.upcoming[0], 192, 12.5))
    assert (queue.end, queue.music_seconds) == (12.0, 2.0)


def test_what_follows_a_cut_begins_at_its_tick():
    queue, _ = cut_queue()
    queue.append(PHRASE, earliest=0.0)
    assert (queue.upcoming[-1].start, queue.upcoming[-1].at) == (12.25, 216)


def test_only_the_ends_of_notes_that_sound_are_forgotten():
    notes = (Note(0, 48, 60), Note(0, 96, 64), Note(48, 24, 60))
    queue = PhraseQueue()
    queue.append(dataclasses.replace(PHRASE, notes=notes), earliest=10.0)
    while queue.messages[0].time < 10.25:
        queue.messages.popleft()
    queue.drop_note_offs()
    assert [(t.time, t.message.type, t.message.note) for t in queue.messages] == [
        (10.5, "note_on", 60), (10.75, "note_off", 60),
    ]  # fmt: skip


def test_what_is_overdue_is_passed_over_but_for_what_still_sounds():
    notes = (Note(0, 96, 60), Note(24, 24, 62), Note(48, 96, 64), Note(144, 24, 65))
    queue = PhraseQueue()
    queue.append(dataclasses.replace(PHRASE, notes=notes), earliest=10.0)
    while queue.messages[0].time < 10.1:
        queue.messages.popleft()
    before = list(queue.messages)
    queue.skip_overdue(10.28, tolerance=0.05)
    assert list(queue.messages) == before
    queue.skip_overdue(11.1, tolerance=0.05)
    assert [(t.time, t.message.type, t.message.note) for t in queue.messages] == [
        (11.1, "note_off", 60), (11.1, "note_on", 64),
        (11.5, "note_off", 64), (11.5, "note_on", 65), (11.75, "note_off", 65),
    ]  # fmt: skip
