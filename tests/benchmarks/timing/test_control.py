"""The note that obeys a moved control, and its latency."""

import pytest

from benchmarks.support.remote_player import MoveSet
from benchmarks.timing.control import Outcome, records
from benchmarks.timing.moves import (
    Move,
    Part,
    Score,
    bar_lines,
    first_restyled,
    first_transposed,
    response,
)


def phrase(start, end, style="bach", composed=16):
    return {"start": start, "end": end, "bar": 2.0, "style": style, "composed": composed}


def score(*events):
    found = Score()
    for event in events:
        found.handle(event)
    return found.parts


def test_the_score_holds_all_phrases_that_were_not_withdrawn():
    parts = score(
        {"state": {"phrases": [phrase(0.0, 4.0)]}},
        {"phrase": phrase(4.0, 12.0)},
        {"phrase": phrase(12.0, 20.0)},
        {"moment": {}},
        {"cut": 7.0},
        {"phrase": phrase(7.0, 12.0, "jazz")},
    )
    assert [(part.start, part.end, part.style) for part in parts] == [
        (0.0, 4.0, "bach"),
        (4.0, 7.0, "bach"),
        (7.0, 12.0, "jazz"),
    ]
    # The second one still has its bar lines where they were; the last one begins within a bar.
    assert bar_lines(parts) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


def test_a_delayed_phrase_takes_its_bar_lines_with_it():
    parts = score({"phrase": phrase(0.0, 4.0)}, {"phrase": phrase(4.0, 8.0)}, {"moved": [4.0, 0.5]})
    assert bar_lines(parts) == [0.0, 2.0, 4.5, 6.5]


NOTES = [(0.5, 40), (1.0, 41), (2.0, 42), (2.5, 100), (4.0, 101)]
LINES = [0.0, 2.0, 4.0, 6.0]


def test_the_first_note_in_the_other_register_obeys():
    assert first_transposed(Move(0.7, 36), NOTES) == 2.5
    assert first_transposed(Move(0.7, -36), NOTES) == 1.0
    assert first_transposed(Move(2.6, -36), NOTES) is None


def test_the_first_note_of_new_music_in_the_other_style_obeys():
    parts = [
        Part(0.0, 2.0, 2.0, 2.0, "jazz", composed=True),
        Part(2.0, 2.2, 2.2, 2.0, "jazz", composed=False),
        Part(2.2, 8.0, 8.0, 2.0, "jazz", composed=True),
    ]
    assert first_restyled(Move(0.1, "jazz"), NOTES, parts) == 2.5
    assert first_restyled(Move(0.1, "folk"), NOTES, parts) is None
    assert first_restyled(Move(5.0, "jazz"), NOTES, parts) is None


@pytest.mark.parametrize(
    ("at", "first", "reaction", "bars", "notes", "ahead", "gap"),
    [
        (0.7, 2.0, 0.0, 1, 2, 1.3, 0.3),  # the first note of the next bar
        (0.7, 1.0, 0.0, 1, 1, 1.3, 0.3),  # before it
        (0.7, 2.5, 0.0, 2, 3, 1.3, 0.3),  # after it: in time for the next bar only
        (1.99, 4.0, 0.0, 2, 3, 0.01, 0.01),
        (1.99, 4.0, 0.03, 1, 2, 2.01, 0.51),  # notes and bar lines that are too near do not count
    ],
)
def test_a_move_is_judged_by_bars_and_notes(at, first, reaction, bars, notes, ahead, gap):
    found = response(Move(at, 36), first, NOTES, LINES, reaction)
    assert (found.bars, found.notes) == (bars, notes)
    assert (found.latency, found.ahead, found.gap) == pytest.approx((first - at, ahead, gap))


def test_a_move_obeyed_after_the_next_one_counts_in_no_share():
    stats = {"repeats": 0, "notes": 5, "late": 0, "lateness_p99_ms": 0.3}
    parts = [Part(0.0, 8.0, 8.0, 2.0, "bach", composed=True)]
    moves = [Move(0.7, 36), Move(2.1, 36), Move(4.5, -36)]
    # The first move is obeyed after the second was made, the last one never.
    outcome = Outcome(MoveSet("transpose", "midi", False, 3), moves, NOTES, parts, stats)
    found = {record.measure: record.value for record in records(outcome)}
    assert found["moves obeyed before the next move"] == 1
    assert found["latency, maximum"] == pytest.approx(0.4)
    assert found["share by the first note of the next bar that is 30 ms away"] == 1 / 3
