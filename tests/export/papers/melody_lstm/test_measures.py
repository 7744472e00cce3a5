import math

import numpy as np
import pytest

from export.papers.melody_lstm import measures
from export.papers.melody_lstm.measures import Metrics


def test_loss_and_accuracy_where_ties_count_their_share():
    likely = np.array([[0.5, 0.25, 0.25], [0.5, 0.5, 0.0], [0.1, 0.1, 0.8]])
    found = measures.metrics(likely, np.array([0, 1, 0]))
    assert found.count == 3
    assert found.one_step_accuracy == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert found.log_loss == pytest.approx(math.log(2 * 2 * 10) / 3)


def test_batches_come_to_the_whole(monkeypatch):
    rng = np.random.default_rng(1)
    contexts, came = rng.integers(0, 5, (23, 4)), rng.integers(0, 5, 23)

    def model(windows):
        return np.eye(5)[windows[:, -1]] * 0.5 + 0.1

    whole = measures.metrics(model(contexts), came)
    monkeypatch.setattr(measures, "BATCH", 10)
    found = measures.one_step(model, contexts, came)
    assert found == Metrics(
        pytest.approx(whole.log_loss), pytest.approx(whole.one_step_accuracy), 23
    )


def test_a_draw_follows_the_shares():
    likely = np.array([[0.2, 0.0, 0.8]] * 4)
    assert measures.chosen(likely, np.array([0.0, 0.19, 0.21, 1.0])).tolist() == [0, 0, 2, 2]
    assert measures.chosen(likely, None).tolist() == [2] * 4


def test_the_free_run_match():
    """A model that goes up by one, always, on tunes that do so for 40 segments."""
    rows = [np.arange(80) % 30, np.where(np.arange(80) < 40, np.arange(80), 0) % 30, np.arange(63)]
    stretches = measures.starts(rows)
    assert stretches.shape == (2, 64)

    def model(windows):
        return np.eye(30)[(windows[:, -1] + 1) % 30]

    right = [np.mean(stretches[i, 32:] == np.arange(32, 64) % 30) for i in range(2)]
    assert right[0] == 1
    for rng in (None, np.random.default_rng(1)):
        assert measures.free_run_match(model, stretches, rng) == pytest.approx(np.mean(right))
