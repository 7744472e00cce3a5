"""The filter of paper 002: classifiers on entropies and the latent point (section 4, table 1).

The features of a melody are the entropies H = -sum_c p(c) log2 p(c) of six series (pitch class,
length, pitch, and their steps), the minima and means of H in sliding windows, and the latent point.
On standardized features x, logistic regression and the linear SVC decide by sign(w'x + b), the RBF
SVC by sign(sum_i a_i exp(-gamma |x - x_i|^2) + b) (Cortes & Vapnik 1995).

Conventions: n melodies; features float64 [n, F], NaN where a window is longer than the excerpt;
good bool [n]; groups int [n], each of which is in the training or in the test set, never in both.
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
from export.filter.excerpts import Excerpt
from export.models.melody import MelodyModel
from stream.compose.filter.entropy import FEATURES
from stream.compose.filter.series import SERIES
from stream.compose.tunes.tune import Melody

METHODS = {
    "logistic regression": LogisticRegression(max_iter=5000),
    "linear SVC": SVC(kernel="linear"),
    "RBF SVC": SVC(kernel="rbf"),
}
SHARES = (0.5, 0.4, 0.3, 0.2)
"""Shares of the melodies in the test set."""
SEGMENT = 64
"""Events at the end of an excerpt that the encoder reads, as many as in training."""


@dataclass(frozen=True, slots=True)
class Split:
    """Result of one method on one division into training and test set."""

    bad: int
    """Bad melodies in the test set."""
    good: int
    precision: float
    """Share of good melodies among those that pass; the paper calls it recall."""
    recall: float
    """Share of the good melodies that pass."""


def filled(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the features without gaps: a window longer than the excerpt covers the whole of it."""
    out = features.copy()
    for i, name in enumerate(FEATURES[len(SERIES) :], len(SERIES)):
        series = name.rsplit("_", 2)[0]
        gaps = np.isnan(out[:, i])
        out[gaps, i] = out[gaps, SERIES.index(series)]
    return out


def trained(method: str, features: NDArray[np.float64], good: NDArray[np.bool_]) -> Pipeline:
    """Return the method fitted to standardized features."""
    return make_pipeline(StandardScaler(), METHODS[method]).fit(features, good)


def measure(
    method: str,
    data: tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]],
    share: float,
    repeats: int,
) -> list[Split]:
    """Evaluate the method on `repeats` divisions of (features, good, groups)."""
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
    """Return the latent point of each excerpt [n, Z]: its own, or the mean of the posterior."""
    rows = []
    for e in excerpts:
        if len(e.latent):
            rows.append(e.latent)
            continue
        events = torch.from_numpy(e.events[-SEGMENT:])[:, None]  # int64 [T, 1, 3]
        like = Melody(e.events.astype(np.uint8), "", e.style, e.group, 0, e.bar, e.mode, "")
        tags = torch.from_numpy(tag_vector(like, model.config.styles, model.config.kinds))[None]
        mean, _ = model.posterior(events, torch.ones(events.shape[:2], dtype=torch.bool), tags)
        rows.append(mean[0].double().numpy())
    return np.array(rows)
