"""Mutual information between notes a distance apart (Lin & Tegmark 2017; paper 002, equation 1).

    I(d) = H(X) + H(X_d) - H(X, X_d)

over all pairs of notes of one tune that are d notes apart, pooled over tunes. The estimate is too
large for finite samples, and because each tune has its own distribution of notes. Tunes with
shuffled notes have both biases and nothing else: `Curve.beyond` is I(d) less their mean.

Conventions: C classes, P pooled notes, D distances (in notes), B resamples; all entropies in bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def entropy(counts: NDArray[np.floating]) -> Floats:
    """Return the entropy [...] in bits of counts [..., C], by Grassberger's estimator (2003).

    H = ln N - 1/N sum_n n G(n), with G(n) = psi([n/2] + 1/2) + ln 2, the closed form of his
    recursion G(1) = -gamma - ln 2, G(2) = 2 + G(1), G(2m+1) = G(2m), G(2m+2) = G(2m) + 2/(2m+1).
    """
    counts = np.asarray(counts, np.float64)
    total = np.maximum(counts.sum(-1), 1)
    weighted = counts * (digamma(counts // 2 + 0.5) + np.log(2))
    return np.asarray((np.log(total) - weighted.sum(-1) / total) / np.log(2))


def mutual_information(joint: NDArray[np.floating]) -> Floats:
    """Return the mutual information [...] in bits of joint counts [..., C, C]."""
    whole = joint.reshape(*joint.shape[:-2], -1)
    return np.asarray(entropy(joint.sum(-1)) + entropy(joint.sum(-2)) - entropy(whole))


@dataclass(frozen=True, slots=True)
class Pool:
    """The notes of many tunes, one after the other."""

    tokens: Ints
    """Class of each note, 0 to C - 1 [P]."""
    tune: Ints
    """Number of each note's tune, ascending [P]."""
    tunes: int
    classes: int

    @classmethod
    def of(cls, series: Sequence[NDArray[np.integer]]) -> Pool:
        """Return a pool of tunes, each a series of classes, numbered anew without gaps."""
        kinds, tokens = np.unique(np.concatenate(series), return_inverse=True)
        tune = np.repeat(np.arange(len(series)), [len(s) for s in series])
        return cls(tokens.astype(np.int64), tune, len(series), len(kinds))

    def shuffled(self, rng: np.random.Generator) -> Pool:
        """Return the same notes in random order, each within its tune."""
        order = np.lexsort((rng.random(len(self.tune)), self.tune))
        return Pool(self.tokens[order], self.tune, self.tunes, self.classes)

    def pairs(self, distance: int) -> int:
        """Return the number of pairs of notes `distance` notes apart."""
        return int((self.tune[distance:] == self.tune[:-distance]).sum())

    def joint(self, distance: int) -> NDArray[np.float32]:
        """Return how often each pair of classes is `distance` notes apart: [tunes, C * C]."""
        first, then = self.tokens[:-distance], self.tokens[distance:]
        tune = self.tune[distance:]
        same = tune == self.tune[:-distance]
        cells = self.classes**2
        code = ((tune * self.classes + first) * self.classes + then)[same]
        counts = np.bincount(code, minlength=self.tunes * cells)
        return counts.reshape(self.tunes, cells).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Curve:
    """I(d) of one set of tunes, and of resampled sets."""

    distances: Ints
    """Distances d in notes [D]."""
    plain: Floats
    """Equation 1 as it stands [D]."""
    beyond: Floats
    """Equation 1 less the mean over shuffled tunes [D]."""
    plain_draws: Floats
    """`plain` of resampled tunes, centered on it [B, D]."""
    beyond_draws: Floats
    """`beyond` of resampled tunes, centered on it [B, D]."""


def curve(
    pool: Pool, distances: Sequence[int], *, shuffles: int, resamples: int, seed: int = 0
) -> Curve:
    """Return the curve at the given distances, each of which some tune must be longer than.

    `resamples`: bootstrap over tunes (Efron 1979). Resampled sets contain tunes twice, which shifts
    the estimate a little: draws are shifted back so that their mean is the estimate.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.multinomial(pool.tunes, np.full(pool.tunes, 1 / pool.tunes), resamples)
    weights = np.vstack([np.ones(pool.tunes), chosen]).astype(np.float32)
    plain = _informations(pool, distances, weights)
    floor = np.mean(
        [_informations(pool.shuffled(rng), distances, weights) for _ in range(shuffles)], axis=0
    )
    beyond = plain - floor
    return Curve(
        np.asarray(distances), plain[0], beyond[0], _centered(plain), _centered(beyond)
    )  # fmt: skip


def _informations(pool: Pool, distances: Sequence[int], weights: NDArray[np.float32]) -> Floats:
    """Return I(d) for each weighting of the tunes: [1 + B, D]."""
    square = (len(weights), pool.classes, pool.classes)
    columns = [mutual_information((weights @ pool.joint(d)).reshape(square)) for d in distances]
    return np.stack(columns, axis=1)


def _centered(values: Floats) -> Floats:
    draws = values[1:]
    return draws - draws.mean(0) + values[0] if len(draws) else draws


def area(distances: Ints, bits: Floats, low: int, high: int) -> Floats:
    """Return the area [...] under I(d) [..., D] for d in low to high, in bits times notes."""
    inside = (distances >= low) & (distances <= high)
    return np.asarray(np.trapezoid(bits[..., inside], distances[inside], axis=-1))


def slope(distances: Ints, bits: Floats, low: int, high: int) -> Floats:
    """Return the least-squares slope [...] of ln I against ln d over distances with I > 0.

    NaN if I is positive at fewer than half of the distances.
    """
    inside = (distances >= low) & (distances <= high)
    x, y = np.log(distances[inside]), np.atleast_2d(bits)[:, inside]
    good = y > 0
    weight = good / np.maximum(good.sum(1, keepdims=True), 1)
    logs = np.log(np.where(good, y, 1.0))
    dx = x - (weight * x).sum(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        fitted = (weight * dx * logs).sum(1) / (weight * dx**2).sum(1)
    fitted[2 * good.sum(1) < inside.sum()] = np.nan
    return np.asarray(fitted.reshape(bits.shape[:-1]))
