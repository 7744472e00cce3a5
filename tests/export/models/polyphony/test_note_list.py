import itertools

import pytest
import torch

from export.models.polyphony.note_list import NoteList, NoteListConfig, as_lists

CONFIG = NoteListConfig(("a", "b"), hidden=8, head=8, dropout=0.3)


@pytest.fixture
def model():
    torch.manual_seed(3)
    made = NoteList(CONFIG).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(2)
    return made


def frames_of(keys, rows=1):
    """All subsets of the keys [1, 2^n, 88]."""
    subsets = [s for n in range(len(keys) + 1) for s in itertools.combinations(keys, n)]
    v = torch.zeros(1, len(subsets), 88)
    for i, subset in enumerate(subsets):
        v[0, i, list(subset)] = 1
    return v


def random_roll(frames, rows, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(frames, rows, 88, generator=generator) < 0.04).float()


def test_lists_are_descending_and_end():
    v = torch.zeros(3, 88)
    v[0, [5, 87, 0]] = 1
    v[2, 40] = 1
    lists, count = as_lists(v)
    assert lists.tolist() == [[87, 5, 0, 88], [88, 88, 88, 88], [40, 88, 88, 88]]
    assert count.tolist() == [3, 0, 1]
