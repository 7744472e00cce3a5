import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.config.style_syntax import parse_style
from stream.music.note import Controls, Note, Phrase, PhraseRequest
from stream.music.stream_position import FRESH_TICKS, HISTORY_NOTES, StreamPosition, opening


def phrase(*notes, length=192, closing=False):
    return Phrase(
        notes, length, 120.0, index=0, tune=0, style="", voice="", seed=0, closing=closing
    )


def test_the_first_request():
    controls = Controls(bpm=90.0)
    assert opening(7, controls).request == PhraseRequest(
        index=0, tune=0, seed=7, bars=2, more=2, parent=-1, controls=controls
    )


def test_the_rest_of_the_first_phrase_is_asked_for_behind_its_first_half():
    first = phrase(Note(0, 48, 60), length=384, closing=True)
    rest = opening(7, Controls(style=parse_style("folk"))).after(first)
    assert rest.request == PhraseRequest(
        index=1,
        tune=0,
        seed=7,
        opened=0,
        opened_style=parse_style("folk"),
        begun=384,
        bars=2,
        parent=0,
        history=(Note(-384, 48, 60),),
        controls=Controls(style=parse_style("folk")),
    )
    second = rest.after(phrase(Note(0, 48, 62), length=384)).request
    assert (second.index, second.begun, second.phrase_lengths, second.bars) == (2, 0, (768,), 4)


@pytest.mark.parametrize(("tick", "bars"), [(1, 4), (192, 3), (200, 3), (383, 3)])
def test_a_first_half_that_is_left_leaves_the_second_half_as_well(tick, bars):
    rest = opening(7, Controls()).within(phrase(length=384), tick, index=1).request
    assert (rest.begun, rest.bars, rest.more, rest.parent) == (tick, bars, 0, -1)


def test_a_tune_that_is_left_in_the_first_half_leaves_nothing_behind():
    left = opening(7, Controls()).within(phrase(length=384), 48, index=1).next_tune().request
    assert (left.begun, left.bars, left.more, left.phrase_lengths) == (0, 4, 0, ())
    left = opening(7, Controls()).next_tune().request
    assert (left.bars, left.more) == (4, 0)


def test_history_leads_up_to_the_phrase():
    programme = StreamPosition(7).after(phrase(Note(0, 96, 60), Note(96, 48, 62)))
    programme = programme.after(phrase(Note(48, 48, 64), length=384))
    assert programme.request == PhraseRequest(
        index=2,
        opened=0,
        tune=0,
        phrase_lengths=(192, 384),
        seed=7,
        bars=4,
        parent=1,
        history=(Note(-576, 96, 60), Note(-480, 48, 62), Note(-336, 48, 64)),
    )


def test_a_tune_ends_when_the_composer_says_so():
    programme = StreamPosition(7)
    heard = []
    for closing in (False, True, True, False, False):
        request = programme.request
        heard.append((request.index, request.tune, request.opening, request.phrase_lengths))
        programme = programme.after(phrase(closing=closing))
    assert heard == [
        (0, 0, True, ()), (1, 0, False, (192,)), (2, 1, True, ()), (3, 2, True, ()),
        (4, 2, False, (192,)),
    ]  # fmt: skip


def test_a_tune_knows_when_and_in_which_style_it_was_opened():
    programme = StreamPosition(7, Controls(style=parse_style("folk")))
    programme = programme.after(phrase(closing=True)).after(phrase())
    programme = dataclasses.replace(programme, controls=Controls(style=parse_style("jazz")))
    within, later = programme.request, programme.after(phrase(closing=True)).request
    assert (within.opened, within.opened_style) == (1, parse_style("folk"))
    assert (later.opened, later.opened_style) == (3, parse_style("jazz"))


def test_the_rest_of_a_phrase_is_asked_for_from_where_it_was_left():
    """What was played is history, cut where it was left; form and metre go on as they were."""
    programme = StreamPosition(7, Controls(style=parse_style("folk")))
    programme = programme.after(phrase(Note(0, 192, 60)))
    asked = phrase(Note(0, 48, 62), Note(48, 96, 64), Note(144, 48, 65), length=768)
    rest = programme.within(asked, 100, index=5)
    moved = dataclasses.replace(rest, controls=Controls(style=parse_style("jazz")))
    assert moved.request == PhraseRequest(
        index=5,
        tune=0,
        seed=7,
        opened=0,
        opened_style=parse_style("folk"),
        phrase_lengths=(192,),
        begun=100,
        bars=4,
        parent=-1,
        history=(Note(-292, 192, 60), Note(-100, 48, 62), Note(-52, 52, 64)),
        controls=Controls(style=parse_style("jazz")),
    )
    answer = phrase(Note(0, 92, 67), length=668)
    again = rest.within(answer, 92, index=6).request
    assert (again.begun, again.phrase_lengths, again.bars) == (192, (192,), 3)
    after = rest.after(answer).request
    assert (after.index, after.begun, after.phrase_lengths, after.parent) == (6, 0, (192, 768), 5)
    assert (after.bars, after.opened_style) == (4, parse_style("folk"))
    last = rest.after(dataclasses.replace(answer, closing=True)).request
    assert (last.tune, last.opened, last.phrase_lengths) == (1, 6, ())


def test_the_next_tune_begins_where_the_last_was_left():
    programme = StreamPosition(7).after(phrase(Note(0, 48, 60)))
    left = programme.within(phrase(Note(0, 96, 62)), 48, index=2).next_tune()
    assert left.request == PhraseRequest(
        index=2,
        tune=1,
        seed=7,
        opened=2,
        parent=-1,
        history=(Note(-240, 48, 60), Note(-48, 48, 62)),
    )


def test_a_tune_is_opened_from_the_history_alone_every_ten_minutes():
    programme, fresh = StreamPosition(7), []
    for i in range(400):
        request = programme.request
        if request.parent == -1:
            fresh.append((i * 768, request.opening))
        programme = programme.after(phrase(length=768, closing=i % 7 == 6))
    assert all(opening for _, opening in fresh)
    gaps = [b - a for (a, _), (b, _) in itertools.pairwise(fresh)]
    assert len(gaps) >= 4
    assert all(FRESH_TICKS <= gap < FRESH_TICKS + 7 * 768 for gap in gaps)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=12))
def test_history_holds_the_tune_and_is_before_now(phrases):
    programme, tune, everything = StreamPosition(0), 0, 0
    for count, closing in phrases:
        notes = (Note(i, 1, 60) for i in range(count))
        programme = programme.after(phrase(*notes, closing=closing))
        tune, everything = (0 if closing else tune + count), everything + count
    history = programme.request.history
    assert len(history) == max(tune, min(everything, HISTORY_NOTES))
    assert all(one.onset <= two.onset for one, two in itertools.pairwise(history))
    assert all(note.onset < 0 for note in history)


def test_a_band_does_not_shorten_the_history_of_its_lead():
    """Notes of companions come along, and only those of the lead voice count."""
    alone, band = StreamPosition(7), StreamPosition(7)
    for _ in range(12):
        lead = tuple(Note(16 * i, 16, 60) for i in range(12))
        drums = tuple(Note(12 * i, 6, 36, 90, 9, offset=-3) for i in range(16))
        notes = tuple(sorted((*lead, *drums), key=lambda note: note.onset))
        alone, band = (
            alone.after(phrase(*lead, closing=True)),
            band.after(phrase(*notes, closing=True)),
        )
    heard = tuple(note for note in band.request.history if note.channel == 0)
    assert heard == alone.request.history
    assert len(heard) == HISTORY_NOTES
    assert {note.offset for note in band.request.history if note.channel == 9} == {-3}
