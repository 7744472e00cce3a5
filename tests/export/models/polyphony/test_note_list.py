import itertools

import pytest
import torch

from export.models.polyphony import recall as recall_module
from export.models.polyphony.descent import END, as_lists
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.keyboard import Keyboard
from export.models.polyphony.note_list import NoteList, NoteListConfig
from export.models.polyphony.recall import HELD, RATES, Recall, pack, unpack

SIZES = {"hidden": 8, "head": 8, "features": 4, "reach": 6}


def made(**changes):
    torch.manual_seed(3)
    model = NoteList(NoteListConfig(("a", "b"), **(SIZES | changes))).eval()
    with torch.no_grad():
        # Louder than fresh: what it hears shows in what it says.
        for weight in model.parameters():
            weight.mul_(2)
    return model


@pytest.fixture(
    params=[
        {},
        {"harmony": 6},
        {"features": 0},
        {"reach": 0},
        {"votes": False},
        {"lags": False},
        {"clock": False},
        {"features": 0, "reach": 0},
    ],
    ids=str,
)
def model(request):
    return made(**request.param)


def random_roll(frames, rows, seed=0):
    """Frames that come back after seven."""
    generator = torch.Generator().manual_seed(seed)
    v = (torch.rand(frames, rows, KEYS, generator=generator) < 0.04).float()
    return torch.cat([v[:7]] * 5)[:frames] if frames > 7 else v


def tags_of(rows):
    return torch.eye(2)[torch.arange(rows) % 2]


def test_lists_are_descending_and_end():
    v = torch.zeros(3, KEYS)
    v[0, [5, 87, 0]] = 1
    v[2, 40] = 1
    lists, count = as_lists(v)
    assert lists.tolist() == [[87, 5, 0, END], [END] * 4, [40, END, END, END]]
    assert count.tolist() == [3, 0, 1]


def test_the_probabilities_of_all_subsets_sum_to_one(model):
    """The 2^9 frames of nine keys are all there are if every other key is barred."""
    keys = [0, 3, 20, 40, 41, 47, 60, 80, 87]
    silenced = torch.ones(KEYS + 1, dtype=torch.bool)
    silenced[[*keys, END]] = False
    step = model.notes.step

    def barred(*given):
        logits, h = step(*given)
        return logits.masked_fill(silenced, -torch.inf), h

    model.notes.step = barred
    subsets = [s for n in range(10) for s in itertools.combinations(keys, n)]
    assert len(subsets) == 512
    v = torch.zeros(1, len(subsets), KEYS)
    for i, subset in enumerate(subsets):
        v[0, i, list(subset)] = 1
    past = random_roll(4, 1).expand(-1, len(subsets), -1)
    with torch.no_grad():
        state = model.begin(tags_of(1).expand(len(subsets), -1))
        _, state = model.log_likelihood(past, torch.ones(past.shape[:2], dtype=torch.bool), state)
        nats, _ = model.log_likelihood(v, torch.ones(1, len(subsets), dtype=torch.bool), state)
    assert float(nats.double().exp().sum()) == pytest.approx(1, abs=1e-5)
    # A model that says something: no two frames alike.
    assert nats.unique().numel() > 500


def test_frame_by_frame_is_as_all_at_once(model):
    v, mask = random_roll(20, 3), torch.ones(20, 3, dtype=torch.bool)
    mask[15:, 1], mask[:, 2] = False, False
    with torch.no_grad():
        begin = model.begin(tags_of(3))
        nats, after = model.log_likelihood(v, mask, begin)
        single, state = [], begin
        for frame, there in zip(v.split(1), mask.split(1), strict=True):
            one, state = model.log_likelihood(frame, there, state)
            single.append(one)
    assert torch.allclose(torch.cat(single), nats, atol=1e-4)
    assert torch.allclose(state, after, atol=1e-4)
    assert torch.equal(after[2], begin[2])
    assert not nats[~mask].any()


def test_no_frame_depends_on_its_future(model):
    v, mask = random_roll(20, 2), torch.ones(20, 2, dtype=torch.bool)
    other = v.clone()
    other[11:] = random_roll(9, 2, seed=5)
    with torch.no_grad():
        begin = model.begin(tags_of(2))
        a, b = (model.log_likelihood(x, mask, begin)[0] for x in (v, other))
    assert torch.allclose(a[:11], b[:11], atol=1e-4)
    assert ((a[11:] - b[11:]).abs() > 1e-3).all()


def test_tags_change_the_prediction():
    model, v = made(), random_roll(3, 1)
    with torch.no_grad():
        a, b = (
            model.log_likelihood(v, torch.ones(3, 1, dtype=torch.bool), model.begin(tags))[0]
            for tags in torch.eye(2).split(1)
        )
    assert (a != b).all()


def test_a_shorter_frame_costs_its_own_notes_alone():
    """Frames of other lengths in the batch change nothing."""
    model = made()
    v = torch.cat([random_roll(1, 5), torch.ones(1, 1, KEYS)], 1)
    with torch.no_grad():
        begin = model.begin(tags_of(6))
        together, _ = model.log_likelihood(v, torch.ones(1, 6, dtype=torch.bool), begin)
        alone, _ = model.log_likelihood(v[:, :3], torch.ones(1, 3, dtype=torch.bool), begin[:3])
    assert torch.allclose(together[:, :3], alone, atol=1e-5)


def test_every_weight_is_trained():
    model = made(harmony=6).train()
    v, mask = random_roll(12, 2), torch.ones(12, 2, dtype=torch.bool)
    loss, _ = model.loss(v, mask, model.begin(tags_of(2)))
    loss.backward()
    idle = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert idle == []


def test_packed_frames_come_back():
    v = random_roll(5, 4)
    v[0, 0], v[0, 1] = 1, 0
    assert torch.equal(unpack(pack(v)), v)
    assert (pack(v) >= HELD).all()
    assert not unpack(torch.zeros(2, 4)).any()


def test_frames_after_similar_places_vote(monkeypatch):
    recall = Recall(16)
    monkeypatch.setattr(recall_module, "WEIGHTS", (200.0,) * 3)
    monkeypatch.setattr(recall_module, "DOUBTS", (-200.0,) * 3)
    v = random_roll(14, 1)
    votes, certainty, past, _ = recall(v, torch.tensor([14]), torch.zeros(1, recall.width))
    # From the eighth frame on, all has been heard before.
    for t in range(8, 14):
        assert torch.allclose(votes[t, 0], v[t, 0].expand(len(RATES), -1), atol=1e-3)
    assert recall.lags == (2, 3, 4, 6, 8, 12, 16)
    assert torch.equal(past[12:, 0, 3], v[6:8, 0])
    assert not past[:2].any()
    # At first there is nothing to recall.
    assert not votes[:2].any()
    assert not certainty[:2].any()


def test_the_window_forgets():
    recall = Recall(4)
    v = random_roll(7, 1)
    *_, state = recall(v, torch.tensor([7]), torch.zeros(1, recall.width))
    assert torch.equal(unpack(state[0, :16].view(4, 4)), v[3:, 0])


@pytest.mark.parametrize("harmony", [0, 6])
def test_a_keyboard_without_pitch_biases_is_equivariant_to_transposition(harmony):
    torch.manual_seed(1)
    keyboard = Keyboard(3, 4, 8, harmony=harmony).eval()
    with torch.no_grad():
        keyboard.pitch.zero_()
        planes = torch.zeros(2, 3, KEYS)
        planes[:, :, 30:50] = random_roll(1, 6)[0, :, :20].view(2, 3, 20)
        context = torch.randn(2, 8)
        here, moved = keyboard(planes, context), keyboard(planes.roll(5, 2), context)
    assert torch.allclose(here[:, 25:55], moved[:, 30:60], atol=1e-5)
    assert not torch.allclose(here[:, 25:55], moved[:, 25:55], atol=1e-2)
