"""Separable evolution strategy with covariance adaptation (Ros & Hansen 2008, sep-CMA-ES).

It minimizes a function of which nothing but values is known. Each generation draws points around
the mean, and moves mean, step size and the deviation of each dimension to the best half of them.

Conventions: n dimensions, L points a generation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Evolution:
    """The state of a search, which may be stored after each generation."""

    mean: Floats
    """Best guess [n]."""
    scale: Floats
    """Variance of each dimension [n], beside the step size."""
    size: float
    """Step size."""
    path: Floats
    """Evolution path [n] of the step size."""
    covering: Floats
    """Evolution path [n] of the variances."""
    generation: int = 0

    @classmethod
    def begin(cls, mean: Floats, deviation: Floats) -> Self:
        """Return the state of a search around `mean` [n] with the deviations [n]."""
        n = len(mean)
        return cls(mean.copy(), deviation**2, 1.0, np.zeros(n), np.zeros(n))

    def draw(self, points: int, seed: int) -> Floats:
        """Return the points [L, n] of the next generation, the same ones each time."""
        rng = np.random.default_rng([seed, self.generation])
        half = rng.standard_normal((points // 2, len(self.mean)))
        # Mirrored draws cancel the noise of the mean (Brockhoff et al. 2010).
        drawn = np.concatenate([half, -half])
        return np.asarray(self.mean + self.size * np.sqrt(self.scale) * drawn)

    def update(self, points: Floats, values: Floats) -> None:
        """Move the search by the values [L] of its points [L, n]; lower ones are better."""
        n, count = len(self.mean), len(values) // 2
        raw = math.log(count + 0.5) - np.log(np.arange(1, count + 1))
        weights = raw / raw.sum()
        mass = 1 / float((weights**2).sum())
        rate_size, rate_path = (mass + 2) / (n + mass + 5), 4 / (n + 4)
        rate_one = 2 / ((n + 1.3) ** 2 + mass) * (n + 2) / 3
        rate_mass = min(
            1 - rate_one, 2 * (mass - 2 + 1 / mass) / ((n + 2) ** 2 + mass) * (n + 2) / 3
        )
        best = points[np.argsort(values, kind="stable")[:count]]
        moved = (weights @ best - self.mean) / self.size
        steps = (best - self.mean) / self.size
        self.path = (1 - rate_size) * self.path + math.sqrt(
            rate_size * (2 - rate_size) * mass
        ) * moved / np.sqrt(self.scale)
        self.covering = (1 - rate_path) * self.covering + math.sqrt(
            rate_path * (2 - rate_path) * mass
        ) * moved
        self.mean = self.mean + self.size * moved
        spread = weights @ steps**2
        self.scale = (
            (1 - rate_one - rate_mass) * self.scale
            + rate_one * self.covering**2
            + rate_mass * spread
        )
        usual = math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
        length = float(np.linalg.norm(self.path)) / usual - 1
        self.size *= math.exp(min(length * rate_size / (1 + rate_size), 0.5))
        self.generation += 1

    def document(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        arrays = {name: getattr(self, name).tolist() for name in ARRAYS}
        return {**arrays, "size": self.size, "generation": self.generation}

    @classmethod
    def stored(cls, document: dict[str, Any]) -> Self:
        """Return the state in a document. Raises `KeyError`, `TypeError` or `ValueError`."""
        arrays = {name: np.array(document[name], np.float64) for name in ARRAYS}
        return cls(**arrays, size=float(document["size"]), generation=int(document["generation"]))


ARRAYS = ("mean", "scale", "path", "covering")
