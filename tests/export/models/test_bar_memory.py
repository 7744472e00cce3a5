"""The bar memory against its definition, and event by event against all at once."""

import hypothesis.strategies as st
import numpy as np
import torch
from hypothesis import example, given

from export.models import bar_memory, motif
from export.models.bar_memory import (
    BARS,
    COLUMNS,
    DISTANCES,
    FIELDS,
    NOTHING,
    STREAK,
    WIDTH,
    ages_after,
    features,
    hints,
    recall,
)
from stream.compose.melody.vocabulary import START, TWELFTHS

# Few different events, so that they come back; the shortest and the longest are among them.
EVENTS = st.sampled_from([(0, 0, 0), (0, 0, 5), (12, 7, 10), (5, 3, 5)])
ROW = st.tuples(EVENTS, st.lists(st.integers(0, 200), min_size=3, max_size=3))
TUNES = st.lists(ROW, min_size=1, max_size=30)
"""Events, and the distances at which the memory looks back before each."""
REACHES = st.integers(STREAK, 35)


def arrays(tune):
    tokens, distances = zip(*tune, strict=True)
    return np.array(tokens, np.int64), np.array(distances, np.int64)


def defined(tune, reach):
    """Hints by the definition: the last event that began so long ago, or before."""
    events = [event for event, _ in tune]
    onsets = [sum(TWELFTHS[d] for *_, d in events[:i]) for i in range(len(events))]
    found = []
    for now, (_, distances) in enumerate(tune):
        row = []
        for distance in distances:
            place = onsets[now] - distance
            earlier = [i for i in range(now) if onsets[i] <= place]
            if not distance or not earlier or now - earlier[-1] > reach:
                row.append([*START, 0, 0, 0])
                continue
            at = earlier[-1]
            streak = 0
            while (
                streak < STREAK
                and streak < at
                and now - at + streak + 1 <= reach
                and events[at - 1 - streak] == events[now - 1 - streak]
            ):
                streak += 1
            end = onsets[at] + TWELFTHS[events[at][2]]
            row.append([*events[at], onsets[at] == place, end - place, streak])
        found.append(row)
    return found


def stepped(tune, reach, before=()):
    """Hints event by event, from START on."""
    past, lengths, ages = (torch.zeros(1, reach) for _ in range(3))
    found = []
    events = [START, *before, START, *(event for event, _ in tune[:-1])]
    asked = [*[None] * (len(before) + 1), *(distances for _, distances in tune)]
    for event, distances in zip(events, asked, strict=True):
        token = torch.tensor([event])
        _, (past, lengths) = motif.recall(token, (past, lengths))
        ages = ages_after(token, ages)
        if distances is not None:
            found += recall((past, ages), torch.tensor([distances], dtype=torch.float32)).tolist()
    return found


@given(TUNES, REACHES)
@example([((0, 0, 0), [3, 6, 200])] * 30, 5)
def test_a_hint_is_what_sounded_at_that_distance(tune, reach):
    assert hints(*arrays(tune), reach).tolist() == defined(tune, reach)


@given(TUNES, REACHES, st.lists(EVENTS, max_size=5))
@example([((5, 3, 5), [12, 24, 36])] * 30, 35, [])
def test_event_by_event_is_all_at_once(tune, reach, before):
    """The step recalls what training was given, and nothing from the tune before."""
    assert stepped(tune, reach, before) == hints(*arrays(tune), reach).tolist()


def test_a_repeated_bar_is_told_event_by_event():
    bar = [(0, 3, 5), (2, 3, 5), (4, 3, 8)]
    found = hints(np.array(bar * 3), np.full((9, 1), 48), 384)[:, 0].tolist()
    assert found[:3] == [[*NOTHING]] * 3
    lengths = [12, 12, 24]
    told = [[*event, 1, n] for event, n in zip(bar, lengths, strict=True)]
    assert found[3:] == [
        [*told[i % 3], streak] for i, streak in enumerate([0, 1, 2, 3, 4, 4])
    ]  # fmt: skip


def test_a_note_that_sounds_on_is_told_with_what_is_left_of_it():
    tokens = np.array([(0, 3, 10), (2, 3, 5), (4, 3, 5)])
    found = hints(tokens, np.array([[0], [12], [50]]), 384)[:, 0].tolist()
    # 12 before the second: 36 of the first have passed; 50 before the third: 10 of it.
    assert found == [[*NOTHING], [0, 3, 10, 0, 12, 0], [0, 3, 10, 0, 38, 0]]


def test_the_shortest_tunes_have_hints():
    assert hints(np.zeros((0, 3), np.int64), np.zeros((0, 5), np.int64), 9).shape == (0, 5, FIELDS)
    for count in range(1, STREAK + 2):
        tokens = np.array([(0, 3, 5)] * count)
        found = hints(tokens, np.full((count, 1), 12), 9)
        assert found[:, 0, 5].tolist() == [max(i - 1, 0) for i in range(count)]


def test_features_are_the_place_the_time_left_and_the_streak():
    hint = torch.tensor([[*NOTHING], [0, 3, 5, 1, 12, 2], [0, 3, 10, 0, 36, STREAK]])
    assert features(hint).tolist() == [
        [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0], [0, 3, 1, 1, 1, 1],
    ]  # fmt: skip
    assert features(hint).shape[-1] == WIDTH


def test_sizes():
    assert (DISTANCES, COLUMNS, len(NOTHING)) == (len(BARS) + 2, 36, FIELDS)


def test_start_empties_the_ages():
    ages = torch.tensor([[12.0, 24.0], [3.0, 6.0]])
    after = ages_after(torch.tensor([START, (0, 3, 8)]), ages)
    assert after.tolist() == [[0, 0], [24, 27]]
    assert bar_memory.recall((torch.zeros(1, 4), torch.zeros(1, 4)), torch.ones(1, 2)).tolist() == [
        [[*NOTHING]] * 2
    ]
