import numpy as np
import pytest

from export.filter import classifiers, excerpts
from stream.compose.filter.entropy import FEATURES, SERIES


def test_a_window_longer_than_the_excerpt_holds_all_of_it():
    features = np.full((2, len(FEATURES)), np.nan)
    features[:, :6] = np.arange(12).reshape(2, 6)
    features[1, FEATURES.index("pitch_step_min_8")] = 0.5
    out = classifiers.filled(features)
    for i, name in enumerate(FEATURES[6:], 6):
        series = SERIES.index(name.rsplit("_", 2)[0])
        expected = features[:, series].copy()
        if name == "pitch_step_min_8":
            expected[1] = 0.5
        assert out[:, i].tolist() == expected.tolist()


@pytest.mark.parametrize("method", classifiers.METHODS)
def test_learnable_classes_are_learned_and_noise_is_not(method):
    """Variants of a tune on both sides would make noise look learnable: groups are kept whole."""
    rng = np.random.default_rng(0)
    good = np.arange(160) % 2 == 0
    groups = np.arange(160) // 4
    clear = rng.normal(size=(160, 5)) + 4 * good[:, None]
    splits = classifiers.measure(method, (clear, good, groups), 0.25, 3)
    assert [(s.good + s.bad) for s in splits] == [40, 40, 40]
    assert min(s.precision for s in splits) > 0.95
    assert min(s.recall for s in splits) > 0.95
    # The label follows the group, the features are the group's own: only leaks tell.
    leaky = rng.normal(size=(40, 5))[groups]
    label = rng.random(40)[groups] < 0.5
    accuracy = [s.precision for s in classifiers.measure(method, (leaky, label, groups), 0.5, 8)]
    assert abs(np.mean(accuracy) - label.mean()) < 0.2


def test_the_latent_point_is_the_sampled_one_or_the_posterior_mean(make_model, melodies):
    model = make_model("vrash")
    real, other = excerpts.cut(melodies[:2], 1, np.random.default_rng(0))
    point = np.arange(4.0)
    own = excerpts.Excerpt("even", -1, "hot", other.events, 0, point)
    means = classifiers.posterior_means(model, [real, own, real])
    assert means.shape == (3, 4)
    assert means[1].tolist() == point.tolist()
    assert means[0].tolist() == means[2].tolist() != [0.0] * 4
