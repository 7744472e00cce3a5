"""The paper's filter: three classifiers on entropies and the latent point (section 4, table 1).

Conventions: n melodies; features float64 [n, F], NaN where a window is longer than the excerpt;
good bool [n]; groups int [n], of which each is in the training or in the test set, never in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from export.corpus.dataset import tag_vector
from export.corpus.tune import Melody
from export.filter.excerpts import Excerpt
from export.models.melody import MelodyModel
from stream.compose.filter.entropy import FEATURES, SERIES

METHODS = {
    "logistic regression": LogisticRegression(max_iter=5000),
    "linear SVC": SVC(kernel="linear"),
    "RBF SVC": SVC(kernel="rbf"),
}
SHARES = (0.5, 0.4, 0.3, 0.2)
"""Shares of the melodies in the test set."""
SEGMENT = 64
"""Events at the end of an excerpt that the encoder hears, as many as in training."""


@dataclass(frozen=True, slots=True)
class Split:
    """One method on one division into training and test set."""

    bad: int
    """Bad melodies in the test set."""
    good: int
    precision: float
    """Share of good ones among those that pass; the paper calls it recall."""
    recall: float
    """Share of the good ones that passes."""


def filled(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """The features without gaps: a window longer than the excerpt is taken to hold all of it."""
    out = features.copy()
    for i, name in enumerate(FEATURES[len(SERIES) :], len(SERIES)):
        series = name.rsplit("_", 2)[0]
        gaps = np.isnan(out[:, i])
        out[gaps, i] = out[gaps, SERIES.index(series)]
    return out


def trained(method: str, features: NDArray[np.float64], good: NDArray[np.bool_]) -> Pipeline:
    """The method on standardised features."""
    return make_pipeline(StandardScaler(), METHODS[method]).fit(features, good)


def measure(
    method: str,
    data: tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]],
    share: float,
    repeats: int,
) -> list[Split]:
    """The method on `repeats` divisions of (features, good, groups)."""
    features, good, groups = data
    found = []
    splitter = GroupShuffleSplit(repeats, test_size=share, random_state=0)
    for train, test in splitter.split(features, good, groups):
        passed = trained(method, features[train], good[train]).predict(features[test])
        truth = good[test]
        both = int((passed & truth).sum())
        found.append(
            Split(
                int((~truth).sum()),
                int(truth.sum()),
                both / max(int(passed.sum()), 1),
                both / max(int(truth.sum()), 1),
            )
        )
    return found


@torch.no_grad()
def posterior_means(model: MelodyModel, excerpts: Sequence[Excerpt]) -> NDArray[np.float64]:
    """[n, Z]: the sampled point where an excerpt has one, else the mean of the posterior."""
    rows = []
    for e in excerpts:
        if len(e.latent):
            rows.append(e.latent)
            continue
        events = torch.from_numpy(e.events[-SEGMENT:])[:, None]
        like = Melody(e.events, "", e.style, e.group, 0, e.bar, e.mode, "")
        tags = torch.from_numpy(tag_vector(like, model.config.styles))[None]
        mean, _ = model.posterior(events, torch.ones(events.shape[:2], dtype=torch.bool), tags)
        rows.append(mean[0].double().numpy())
    return np.array(rows)
