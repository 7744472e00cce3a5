import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import EQUAL, SIMILAR, parsed
from stream.compose.melody.outline_context import CHORD, FORM, LEFT, WIDTH, OutlineContext
from stream.compose.polyphony.voicing import NO_CHORD, pitch_classes
from tests.stream.compose.melody.outlines import outlines

BAR = 96


def form_of(row):
    """Distance, likeness of this bar and of the next, the bars that remain, and the plan."""
    return row[:FORM].tolist()


def test_a_row_says_what_returns_and_how_much_is_left():
    outline = parsed("8x24;;;0;0;0;10;.4 ~2 =4*2 . .2;")
    rows = OutlineContext(outline).at(np.arange(11) * BAR)
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
    assert not rows[:, FORM:].any()


def test_all_events_of_a_bar_have_its_row():
    contexts = OutlineContext(parsed("8x24;;;0;0;0;4;.2 =1 ~3;"))
    for bar in range(4):
        inside = contexts.at(bar * BAR + np.arange(BAR))
        assert (inside == inside[0]).all()


def test_chords_and_the_time_to_the_next():
    # C major for 8 units, no chord for 4, then another of another root.
    outline = parsed("8x24;;;0;0;0;4;.4;1:8 0:4 8:20")
    rows = OutlineContext(outline).at(np.array([0, 48, 95, 96, 144, 144 + 239, 144 + 240]))

    def chord(number):
        row = np.zeros(CHORD)
        if number != NO_CHORD:
            row[(number - 1) % 12] = 1
            row[[12 + each for each in pitch_classes(number)]] = 1
        return row.tolist()

    now, following = rows[:, FORM : FORM + CHORD].tolist(), rows[:, FORM + CHORD : -2].tolist()
    assert now == [chord(n) for n in (1, 1, 1, 0, 8, 8)] + [[0] * CHORD]
    # The last chord is followed by itself.
    assert following == [chord(n) for n in (0, 0, 0, 8, 8, 8)] + [[0] * CHORD]
    left = [96, 48, 1, 48, 240, 1]
    np.testing.assert_allclose(rows[:, -2], [*(12 / (12 + n) for n in left), 0], rtol=1e-6)
    assert rows[:, -1].tolist() == [1] * 6 + [0]


@given(outlines(), st.lists(st.integers(0, 10**6), max_size=20))
def test_contexts_of_any_outline(outline, onsets):
    rows = OutlineContext(outline).at(np.array(onsets, np.int64))
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
        assert 0 <= row[1:].min() <= row[1:].max() <= 1
        if onset >= 12 * sum(length for _, length in outline.chords):
            assert not row[FORM:].any()


def test_no_events_have_no_contexts():
    assert OutlineContext(parsed("8x24;;;0;0;0;4;.4;")).at(np.zeros(0, np.int64)).shape == (
        0,
        WIDTH,
    )
