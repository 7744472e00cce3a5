import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from export.papers.melody_lstm.measures import one_step
from export.papers.melody_lstm.segments import PITCHES, REST, WINDOW, windows
from export.papers.melody_lstm.window_model import (
    BATCHES,
    NOTHING,
    OTHER_KEYS,
    PIECE,
    WindowModel,
    WindowPlan,
    _moved,
    _sequences,
    _windows,
    between,
    latest,
    train,
)  # fmt: skip
from stream.errors import SettingsError

SMALL = WindowPlan(hidden=8, embedding=4, epochs=1)


SMALL_INTERVAL = dataclasses.replace(SMALL, view="interval")


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_each_window_begins_with_zeros(cell, wandering):
    """A window is told the same among others as alone, and as by hand."""
    model = WindowModel(dataclasses.replace(SMALL, cell=cell)).eval()
    contexts, _ = windows(wandering(2))
    found = model.distributions(contexts)
    np.testing.assert_allclose(found.sum(1), 1)
    np.testing.assert_allclose(found[5:6], model.distributions(contexts[5:6]), atol=1e-6)
    state = None
    for segment in contexts[5]:
        x = model.embedding(torch.tensor([[segment]]))
        h, state = model.cell(x, state)
    by_hand = model.output(h[-1]).softmax(1).detach().numpy()
    np.testing.assert_allclose(found[5:6], by_hand, atol=1e-6)


def test_intervals_follow_from_the_pitches_of_the_window(wandering):
    segments = torch.tensor([[REST, 5], [5, 5], [REST, 7], [9, REST], [9, 3]])
    last = latest(segments)
    assert last.tolist() == [[REST, 5], [5, 5], [5, 7], [9, 7], [9, 3]]
    heard = between(segments, torch.nn.functional.pad(last[:-1], (0, 0, 1, 0))) - PITCHES
    none = PITCHES
    assert heard.tolist() == [[none, none], [none, 0], [none, 2], [4, none], [0, -4]]
    model = WindowModel(SMALL_INTERVAL).eval()
    contexts, _ = windows(wandering(2))
    together = model.distributions(contexts)
    np.testing.assert_allclose(together.sum(1), 1)
    np.testing.assert_allclose(together[5:6], model.distributions(contexts[5:6]), atol=1e-6)


def test_interval_terms_are_the_same_in_every_key(wandering):
    """A tune moved by a third has the same predictions without the absolute terms."""
    model = WindowModel(SMALL_INTERVAL).eval()
    with torch.no_grad():
        for absolute in (model.embedding.weight, model.output.weight, model.output.bias):
            absolute.zero_()
        model.leaps.bias[-1] = model.leaps.weight[-1].abs().max() - 1e4  # a rest: never
        model.leaps.weight[-1] = 0.0
    row = np.clip(wandering(1)[0][:WINDOW], 6, PITCHES - 10)[None]
    one, other = model.distributions(row)[0], model.distributions(row + 3)[0]
    inside = slice(1, PITCHES - 3)
    np.testing.assert_allclose(
        one[inside] / one[inside].sum(), other[4:] / other[4:].sum(), atol=1e-6
    )


@given(st.lists(st.integers(0, PITCHES - 1), min_size=1), st.floats(0, 1), st.integers(0, 99))
def test_a_tune_in_another_key_keeps_its_intervals_and_its_rests(row, share, seed):
    row = np.array(row)
    moved = _moved(row, share, np.random.default_rng(seed))
    assert ((moved == REST) == (row == REST)).all()
    steps = (moved - row)[row != REST]
    assert len(set(steps.tolist())) <= 1
    assert (np.abs(steps) <= OTHER_KEYS).all()
    assert (moved >= 0).all()
    assert (moved < PITCHES).all()
    if share == 0:
        assert moved is row


def test_both_forms_predict_the_same_segments(wandering):
    """Pieces and windows have the same targets and contexts, short contexts aside."""
    rows, rng = wandering(3), np.random.default_rng(1)
    contexts, came = windows(rows)
    literal = {(*c, n) for c, n in zip(contexts.tolist(), came.tolist(), strict=True)}
    asked = [
        (*s, int(w))
        for segments, wanted in _windows(rows, rng)
        for s, w in zip(segments.T.tolist(), wanted[0], strict=True)
    ]
    assert len(asked) == len(came)
    assert set(asked) == literal
    count = 0
    for segments, wanted in _sequences(rows, rng):
        assert len(segments) == len(wanted) == PIECE
        count += int((wanted != NOTHING).sum())
        whole = (wanted != NOTHING).all(0)
        for s, w in zip(segments.T[whole, -WINDOW:].tolist(), wanted[-1, whole], strict=True):
            assert (*s, int(w)) in literal
    assert count == sum(len(row) - 1 for row in rows)


@pytest.mark.parametrize("form", ["sequence", "window"])
def test_training_is_repeatable(form, wandering, monkeypatch):
    monkeypatch.setitem(BATCHES, "sequence", 4)
    rows = wandering(8)
    plan = WindowPlan(form=form, hidden=16, embedding=8, epochs=4, rate=0.02, seed=3)
    heard = []
    model = train(plan, rows, lambda epoch, nats: heard.append((epoch, nats)))
    assert [epoch for epoch, _ in heard] == [1, 2, 3, 4]
    assert heard[-1][1] < 0.9 * heard[0][1]
    assert one_step(model.distributions, *windows(rows)).log_loss < np.log(PITCHES)
    again = train(plan, rows)
    for one, other in zip(model.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_dropout_is_active_in_training_alone(wandering):
    model, rows = train(dataclasses.replace(SMALL, drop_output=0.5), wandering(3)), wandering(1)
    contexts, _ = windows(rows)
    np.testing.assert_array_equal(model.distributions(contexts), model.distributions(contexts))
    segments = torch.from_numpy(contexts[:4].T.copy())
    torch.testing.assert_close(model(segments), model(segments))
    model.train()
    assert (model(segments) != model(segments)).float().mean() > 0.9


@pytest.mark.parametrize(
    "change", [{"cell": "gru"}, {"view": "key"}, {"form": "row"}, {"precision": "int8"}]
)
def test_mistakes_are_named(change):
    ((name, value),) = change.items()
    with pytest.raises(SettingsError, match=f"--{name} {value}: must be one of"):
        WindowPlan(**change)
