import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import EQUAL, SIMILAR, parsed
from stream.compose.melody.outline_context import (
    AHEAD,
    CHORD,
    ENDS,
    FORM,
    LACKING,
    NOTES,
    PARTS,
    SLICES,
    WIDTH,
    OutlineContext,
    mask_of,
)
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes
from tests.stream.compose.melody.outlines import outline_of, outlines

BAR = 96


def form_of(row):
    """Distance, likeness of this bar and of the next, the bars that remain, and the plan."""
    distance, planned = row[SLICES["plan"]].tolist()
    return [distance, *row[SLICES["returns"]].tolist(), *row[SLICES["ends"]].tolist(), planned]


def none(onsets):
    """No notes have begun in the bar of these onsets."""
    return np.zeros(len(onsets), np.int64)


def test_a_row_says_the_notes_that_are_missing_the_room_for_each_and_those_of_the_next_bar():
    outline = parsed("8x24;;;0;0;0;3;.3;48z;555;")
    onsets = np.array([0, 48, 96, 192, 288])
    rows = OutlineContext(outline).at(onsets, np.array([0, 3, 9, 0, 0]))[:, SLICES["counts"]]
    lacking, space, following = rows[:, :LACKING], rows[:, LACKING:-1], rows[:, -1]
    assert lacking[:4].argmax(1).tolist() == [4, 1, 0, LACKING - 1]
    assert lacking.sum(1).tolist() == [1, 1, 1, 1, 0]
    # Two units for each note, four for the last; eight where none lacks; less than one.
    assert space.sum(1).tolist() == [4, 6, 6, 0, 0]
    assert following.tolist() == [8 / NOTES, 8 / NOTES, 35 / NOTES, 0, 0]


def test_a_row_says_the_register_and_how_far_the_next_is():
    outline = parsed("8x24;;;0;0;0;3;.3;444;492;")
    rows = OutlineContext(outline).at(np.arange(4) * BAR, none(range(4)))[:, SLICES["registers"]]
    assert rows[:3, :-1].argmax(1).tolist() == [4, 9, 2]
    assert rows[:, :-1].sum(1).tolist() == [1, 1, 1, 0]
    assert rows[:, -1].tolist() == [2.5, -3.5, 0, 0]


def test_all_events_of_a_tune_at_once():
    outline = parsed("8x24;;;0;0;0;2;.2;34;55;")
    onsets = np.array([0, 24, 48, 84, 108, 120])
    sounding = np.array([True, False, True, True, False, True])
    context = OutlineContext(outline)
    # A note that sounds on from the bar before begins there.
    expected = context.at(onsets, np.array([0, 1, 1, 2, 0, 0]))
    np.testing.assert_array_equal(context.of(onsets, sounding), expected)


def test_masks_divide_the_features_into_parts():
    masks = np.array([mask_of([part]) for part in PARTS])
    always = masks.all(0)
    assert np.flatnonzero(always).tolist() == [0, 1]
    # The distance ahead is not read.
    assert (masks[:, ~always].sum(0) == [1] * (WIDTH - 3) + [0]).all()
    assert mask_of(PARTS).tolist() == [1] * AHEAD + [0]
    assert mask_of([]).tolist() == always.tolist()


def test_a_row_says_what_returns_and_how_much_is_left():
    outline = outline_of("8x24;;;0;0;0;10;.4 ~2 =4*2 . .2;")
    rows = OutlineContext(outline).at(np.arange(11) * BAR, none(range(11)))
    assert [form_of(row) for row in rows] == [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
        [0, 0, 0, 1, 0, 0, 0, 0, 1, 1],
        [2, 1, 0, 0, 1, 0, 0, 0, 1, 1],
        [4, 0, 1, 0, 1, 0, 0, 0, 1, 1],
        [4, 0, 1, 0, 0, 0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert not rows[:, SLICES["chords"]].any()


def test_all_events_of_a_bar_have_its_row():
    contexts = OutlineContext(outline_of("8x24;;;0;0;0;4;.2 =1 ~3;"))
    for bar in range(4):
        inside = contexts.at(bar * BAR + np.arange(BAR), none(range(BAR)))
        assert (inside[:, :FORM] == inside[0, :FORM]).all()


def test_chords_and_the_time_to_the_next():
    # C major for 8 units, no chord for 4, then another of another root.
    outline = outline_of("8x24;;;0;0;0;4;.4;1:8 0:4 8:20")
    onsets = np.array([0, 48, 95, 96, 144, 144 + 239, 144 + 240])
    rows = OutlineContext(outline).at(onsets, none(onsets))

    def chord(number):
        row = np.zeros(CHORD)
        if number != NO_CHORD:
            row[(number - 1) % 12] = 1
            row[[12 + each for each in pitch_classes(number)]] = 1
        return row.tolist()

    told = rows[:, SLICES["chords"]]
    now, following = told[:, :CHORD].tolist(), told[:, CHORD:-2].tolist()
    assert now == [chord(n) for n in (1, 1, 1, 0, 8, 8)] + [[0] * CHORD]
    # The last chord is followed by itself.
    assert following == [chord(n) for n in (0, 0, 0, 8, 8, 8)] + [[0] * CHORD]
    left = [96, 48, 1, 48, 240, 1]
    np.testing.assert_allclose(told[:, -2], [*(12 / (12 + n) for n in left), 0], rtol=1e-6)
    assert told[:, -1].tolist() == [1] * 6 + [0]


@given(outlines(), st.lists(st.integers(0, 10**6), max_size=20))
def test_contexts_of_any_outline(outline, onsets):
    rows = OutlineContext(outline).at(np.array(onsets, np.int64), none(onsets))
    assert (rows.shape, rows.dtype) == ((len(onsets), WIDTH), np.float32)
    for onset, row in zip(onsets, rows, strict=True):
        bar = onset // (12 * outline.bar)
        inside = bar < outline.bars
        found = outline.returns[bar] if inside else None
        remain = outline.bars - bar
        assert row[0] == (found.lag if inside else 0)
        assert row[SLICES["returns"]][:2].tolist() == [
            inside and found.likeness == degree for degree in (SIMILAR, EQUAL)
        ]
        assert row[SLICES["ends"]].tolist() == [inside and remain <= n for n in ENDS]
        assert row[SLICES["plan"]][1] == inside
        told = [row[SLICES[part]] for part in ("returns", "ends", "chords")]
        assert set(np.concatenate(told)) <= {0, 1} or np.concatenate(told).min() >= 0
        if onset >= 12 * sum(length for _, length in outline.chords):
            assert not row[SLICES["chords"]].any()


def test_no_events_have_no_contexts():
    assert OutlineContext(outline_of("8x24;;;0;0;0;4;.4;")).at(none([]), none([])).shape == (
        0,
        WIDTH,
    )


def test_ahead_is_the_head_of_what_the_coming_bar_returns_to():
    outline = outline_of("4x24;;;0;0;0;5;. =1 . ~3 .;")
    context = OutlineContext(outline)
    onsets = np.array([0, 12, 36, 48, 96, 108, 144, 192, 240])
    ahead = context.at(onsets, np.zeros(len(onsets), np.int64))[:, AHEAD]
    # The second bar returns to the first, of which nothing is known at its head; the fourth too.
    assert ahead.tolist() == [0, 12, 36, 0, 96, 108, 0, 0, 0]
