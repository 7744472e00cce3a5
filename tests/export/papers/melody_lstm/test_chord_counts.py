import numpy as np
import pytest

from export.papers.melody_lstm.chord_counts import BASELINES, targets
from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.measures import metrics
from export.papers.melody_lstm.segments import Lead


@pytest.fixture
def leads(wandering):
    """A chord for each pitch, but held over each half measure."""
    return [Lead(row, 1 + np.repeat(row[::4], 4), 1, i, "") for i, row in enumerate(wandering(6))]


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_are_distributions(name, leads):
    found = BASELINES[name](leads[:4], leads[4:])
    assert found.shape == (len(targets(leads[4:])), CHORDS)
    np.testing.assert_allclose(found.sum(1), 1)
    assert (found > 0).all()


def test_each_baseline_is_right_where_its_rule_holds(leads):
    right = {
        name: metrics(f(leads, leads), targets(leads)).one_step_accuracy
        for name, f in BASELINES.items()
    }
    chords = targets(leads)
    assert right["most frequent chord"] == pytest.approx(np.bincount(chords).max() / len(chords))
    before = np.concatenate([lead.chord[31:-1] for lead in leads])
    assert right["chord before, again"] == pytest.approx((before == chords).mean())
    assert right["chord n-gram"] > max(right["chord before, again"], 0.9)
