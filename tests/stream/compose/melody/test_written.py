"""The written tune behind phrases as they were played."""

import pytest

from stream.compose.melody import written
from stream.compose.melody.priming import BarPosition
from stream.compose.melody.vocabulary import PERIOD, TWELFTHS
from stream.music.note import Note, PhraseRequest
from tests.stream.compose.melody.outlines import outline_of

BAR = 96
"""Ticks of a bar of four units of 24."""
PHRASE = 4 * BAR
TUNE = outline_of("4x24;major;reel;0;0;0 0 1 1;8 8;.16;")
ORDER = (0, 4, 0, 4, 8, 12, 8, 12)
LONG = TWELFTHS.index(48)


def request(phrases, begun=0, lengths=None):
    """A request after so many phrases of four long notes, each as high as its bar."""
    lengths = lengths or (PHRASE,) * phrases
    total = sum(lengths) + begun
    bars = range(-(-total // BAR))
    history = [Note(BAR * i - total, min(BAR, total - BAR * i), 30 + i) for i in bars]
    earlier = Note(-total - BAR, BAR, 100)
    return PhraseRequest(
        9, 3, 1, phrase_lengths=lengths, begun=begun, history=(earlier, *history)
    )  # fmt: skip


@pytest.mark.parametrize("number", range(8))
def test_a_phrase_begins_where_it_is_written(number):
    assert written.phrase_bar(TUNE, request(number)) == ORDER[number]


def test_phrases_beyond_the_outline_follow_its_end():
    assert [written.phrase_bar(TUNE, request(n)) for n in (8, 9, 11)] == [16, 20, 28]


@pytest.mark.parametrize(
    ("phrases", "bars"),
    [
        (0, []),
        (1, range(4)),
        (2, range(8)),
        # A strain that has come again is not written again, ...
        (3, range(8)),
        (4, range(8)),
        # ... and the next follows its first playing.
        (5, [*range(8), *range(16, 20)]),
        (6, [*range(8), *range(16, 24)]),
        (8, [*range(8), *range(16, 24)]),
        # What was played beyond the outline is written at its end.
        (10, [*range(8), *range(16, 24), *range(32, 40)]),
    ],
)
def test_repeats_are_written_once(phrases, bars):
    notes, length = written.notes(TUNE, request(phrases))
    assert notes == tuple(Note(BAR * i, BAR, 30 + bar) for i, bar in enumerate(bars))
    assert length == BAR * len(bars)
    assert written.tokens(TUNE, request(phrases)) == [
        ((30 + bar) % 12, (30 + bar) // 12 - 2, LONG) for bar in bars
    ]
    assert written.position(TUNE, request(phrases)) == BarPosition(0, 0, 12 * 4 * len(bars))


@pytest.mark.parametrize(
    ("phrases", "bars"),
    [
        (1, range(6)),
        # In the middle of a phrase that comes again the tune goes on from there.
        (2, [8, 9]),
        (3, [*range(4), 12, 13]),
        (6, [*range(8), 24, 25]),
    ],
)
def test_a_phrase_that_was_left_in_its_middle(phrases, bars):
    now = request(phrases, begun=2 * BAR)
    assert [n.pitch for n in written.notes(TUNE, now)[0]] == [30 + bar for bar in bars]
    assert len(written.tokens(TUNE, now)) == len(bars)
    assert written.position(TUNE, now) == BarPosition(0, 0, 12 * 4 * len(bars))


def test_an_interruption_between_two_places_of_the_grid_waits_for_the_next():
    # 24 ticks are a unit: 25 ticks are half a twelfth beyond it.
    now = request(1, begun=BAR + 25)
    where = written.position(TUNE, now)
    assert where == BarPosition(15, 5, 12 * 4 * 5)
    twelfths = sum(TWELFTHS[token[2]] for token in written.tokens(TUNE, now))
    assert twelfths == where.head + where.offset


def test_the_lengths_of_phrases_are_those_that_were_played():
    now = request(2, lengths=(PHRASE + 12, PHRASE - 12))
    assert written.notes(TUNE, now)[1] == 2 * PHRASE
    later = request(5, lengths=(PHRASE + 12, PHRASE, PHRASE + 12, PHRASE, PHRASE))
    assert written.notes(TUNE, later)[1] == 3 * PHRASE + 12


def test_only_a_state_of_the_written_tune_continues_it():
    now = request(4)
    end = 12 * 4 * 8
    assert written.continues(TUNE, now, end)
    assert written.continues(TUNE, now, end + 12)
    assert written.continues(TUNE, now, end % PERIOD)
    assert not written.continues(TUNE, now, 12 * 4 * 4)
    assert not written.continues(TUNE, now, 12 * 4 * 12)
    assert not written.continues(TUNE, now, 0)


def test_an_opening_has_nothing_before_it():
    now = request(0)
    assert written.notes(TUNE, now) == ((), 0)
    assert written.tokens(TUNE, now) == []
    assert written.position(TUNE, now) == BarPosition()
