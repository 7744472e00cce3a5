"""The motif memory against its definition, and event by event against all at once."""

import hypothesis.strategies as st
import numpy as np
import torch
from hypothesis import example, given

from export.models.motif import CODES, EDGES, WIDTH, hints, recall, trust
from stream.compose.melody.vocabulary import SIZES, START

NOTHING = [*START, 0]
# Few different events, so that they come back; the first and the last of all are among them.
EVENTS = st.sampled_from([(0, 0, 0), (0, 0, 1), (12, 7, 10), (5, 3, 5)])
TUNES = st.lists(EVENTS, min_size=1, max_size=40)
REACHES = st.integers(1, 45)


def tokens_of(tune):
    return np.array(tune, np.int64).reshape(-1, 3)


def suffix(a, b):
    """Events in a row, from the end, that two runs have in common."""
    count = 0
    while count < min(len(a), len(b)) and a[-1 - count] == b[-1 - count]:
        count += 1
    return count


def defined(tune, reach):
    """Hints by the definition: every earlier place is looked at, the latest first."""
    found = []
    for now in range(len(tune)):
        longest, hint = 0, NOTHING
        for place in range(now - 1, max(now - 1 - reach, 0), -1):
            length = suffix(tune[:place], tune[:now])
            if length > longest:
                longest, hint = length, [*tune[place], length]
        found.append(hint)
    return found


def emptied(rows, reach):
    return torch.zeros(rows, reach), torch.zeros(rows, reach)


def recalled(events, reach, memory=None):
    """Hints after each of the events of one row, and the memory after the last."""
    memory, found = memory or emptied(1, reach), []
    for event in events:
        hint, memory = recall(torch.tensor([event]), memory)
        found += hint.tolist()
    return found, memory


@given(TUNES, REACHES)
@example([(0, 0, 0)] * 40, 5)
def test_a_hint_is_what_followed_the_longest_match(tune, reach):
    assert hints(tokens_of(tune), reach).tolist() == defined(tune, reach)


@given(TUNES, REACHES)
@example([(5, 3, 5)] * 40, 45)
def test_event_by_event_is_all_at_once(tune, reach):
    found, _ = recalled([START, *tune[:-1]], reach)
    assert found == hints(tokens_of(tune), reach).tolist()


@given(TUNES, TUNES, REACHES)
def test_start_forgets_the_tune_before(before, tune, reach):
    _, memory = recalled([START, *before], reach)
    found, after = recalled([START, *tune], reach, memory)
    fresh, expected = recalled([START, *tune], reach)
    assert found == fresh
    assert all(torch.equal(a, b) for a, b in zip(after, expected, strict=True))


@given(st.lists(st.tuples(EVENTS, EVENTS, EVENTS), min_size=1, max_size=20), REACHES)
def test_rows_are_independent(events, reach):
    memory = emptied(3, reach)
    for row in events:
        together, memory = recall(torch.tensor(row), memory)
    alone = [recalled(column, reach)[0][-1] for column in zip(*events, strict=True)]
    assert together.tolist() == alone


def test_a_repeat_is_predicted_to_its_end():
    strain = [(i % 12, 3, i % 11) for i in range(16)]
    found = hints(tokens_of(strain * 2), 384).tolist()
    assert found[:17] == [NOTHING] * 17
    assert found[17:] == [[*event, i + 1] for i, event in enumerate(strain[1:])]


def test_every_event_comes_back_as_itself():
    events = [(a, b, c) for a in range(SIZES[0]) for b in range(SIZES[1]) for c in range(SIZES[2])]
    assert len(events) == CODES
    rows = torch.tensor(events)
    memory = emptied(CODES, 4)
    for _ in range(2):
        hint, memory = recall(rows, memory)
    assert hint.tolist() == [[*event, 1] for event in events]


def test_an_empty_or_short_tune_has_no_hints():
    assert hints(np.zeros((0, 3), np.int64), 9).tolist() == []
    assert hints(tokens_of([(1, 2, 3)]), 9).tolist() == [NOTHING]
    assert hints(tokens_of([(1, 2, 3)] * 2), 9).tolist() == [NOTHING] * 2


def test_trust_grows_edge_by_edge():
    match = torch.tensor([[0, *EDGES], [0, *(e - 1 for e in EDGES)]])
    seen = trust(match)
    assert seen.shape == (2, WIDTH + 1, WIDTH)
    assert seen.dtype == torch.float32
    assert seen.sum(-1).tolist() == [[0, *range(1, WIDTH + 1)], [0, *range(WIDTH)]]
    # Once an input is 1, it stays 1.
    assert (seen[0, 1:] >= seen[0, :-1]).all()
