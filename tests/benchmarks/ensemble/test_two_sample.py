import numpy as np
import pytest

from benchmarks.ensemble import two_sample
from benchmarks.ensemble.two_sample import Sample


def samples(difference, each=80):
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, each, 4))
    other[:, 2] += difference
    return Sample(one, np.arange(each)), Sample(other, np.arange(each) + each)


def test_equal_samples_are_not_told_apart_and_others_are():
    assert np.mean(two_sample.aucs(*samples(0), 2)) == pytest.approx(0.5, abs=0.12)
    assert np.mean(two_sample.aucs(*samples(4), 2)) > 0.98


def test_copies_in_the_same_group_cannot_be_told_by_heart():
    one, _ = samples(0)
    assert two_sample.auc(one, one, 0) == pytest.approx(0.5, abs=0.05)


def test_only_the_feature_that_differs_is_missed():
    judged = two_sample.judged(*samples(4), 0)
    rng = np.random.default_rng(0)
    lost = [judged.loss(np.arange(4) == i, rng, 2) for i in range(4)]
    assert lost[2] > 0.3
    assert max(abs(loss) for i, loss in enumerate(lost) if i != 2) < 0.05
