import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import EQUAL, SIMILAR, parsed
from stream.compose.melody.outline_context import (
    CHORD,
    FORM,
    LEFT,
    NOTES,
    PARTS,
    WIDTH,
    OutlineContext,
    mask_of,
)
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes
from tests.stream.compose.melody.outlines import outline_of, outlines

BAR = 96


def form_of(row):
    """Distance, likeness of this bar and of the next, the bars that remain, and the plan."""
    return [*row[: FORM - 3].tolist(), row[FORM - 1]]


def none(onsets):
    """No notes have begun in the bar of these onsets."""
    return np.zeros(len(onsets), np.int64)


def test_a_row_says_the_notes_of_this_bar_and_the_next_and_those_that_are_missing():
    outline = parsed("8x24;;;0;0;0;3;.3;48z;")
    onsets = np.array([0, 50, 96, 192, 288])
    rows = OutlineContext(outline).at(onsets, np.array([0, 3, 9, 0, 0]))
    assert rows[:, FORM - 3].tolist() == [4 / NOTES, 4 / NOTES, 8 / NOTES, 35 / NOTES, 0]
    assert rows[:, FORM - 2].tolist() == [8 / NOTES, 8 / NOTES, 35 / NOTES, 0, 0]
    # Beyond two full bars nothing more is told.
    assert rows[:, -1].tolist() == [4 / NOTES, 1 / NOTES, -1 / NOTES, 2, 0]


def test_all_events_of_a_tune_at_once():
    outline = parsed("8x24;;;0;0;0;2;.2;34;")
    onsets = np.array([0, 24, 48, 84, 108, 120])
    sounding = np.array([True, False, True, True, False, True])
    context = OutlineContext(outline)
    # A note that sounds on from the bar before begins there.
    expected = context.at(onsets, np.array([0, 1, 1, 2, 0, 0]))
    np.testing.assert_array_equal(context.of(onsets, sounding), expected)


def test_masks_divide_the_features_into_parts():
    masks = np.array([mask_of([part]) for part in PARTS])
    always = masks.all(0)
    assert np.flatnonzero(always).tolist() == [0, FORM - 1]
    assert (masks[:, ~always].sum(0) == 1).all()
    assert mask_of(PARTS).all()
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
    assert not rows[:, FORM:-1].any()


def test_all_events_of_a_bar_have_its_row():
    contexts = OutlineContext(outline_of("8x24;;;0;0;0;4;.2 =1 ~3;"))
    for bar in range(4):
        inside = contexts.at(bar * BAR + np.arange(BAR), none(range(BAR)))
        assert (inside == inside[0]).all()


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

    now, following = rows[:, FORM : FORM + CHORD].tolist(), rows[:, FORM + CHORD : -3].tolist()
    assert now == [chord(n) for n in (1, 1, 1, 0, 8, 8)] + [[0] * CHORD]
    # The last chord is followed by itself.
    assert following == [chord(n) for n in (0, 0, 0, 8, 8, 8)] + [[0] * CHORD]
    left = [96, 48, 1, 48, 240, 1]
    np.testing.assert_allclose(rows[:, -3], [*(12 / (12 + n) for n in left), 0], rtol=1e-6)
    assert rows[:, -2].tolist() == [1] * 6 + [0]


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
        assert row[1:3].tolist() == [
            inside and found.likeness == degree for degree in (SIMILAR, EQUAL)
        ]
        assert row[5 : 5 + len(LEFT)].tolist() == [inside and remain <= n for n in LEFT]
        assert row[FORM - 1] == inside
        told = row[[*range(1, FORM - 3), *range(FORM - 1, WIDTH - 1)]]
        assert 0 <= told.min() <= told.max() <= 1
        if onset >= 12 * sum(length for _, length in outline.chords):
            assert not row[FORM:-1].any()


def test_no_events_have_no_contexts():
    assert OutlineContext(outline_of("8x24;;;0;0;0;4;.4;")).at(none([]), none([])).shape == (
        0,
        WIDTH,
    )
