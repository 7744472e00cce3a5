"""The style pad's map: where a voice's styles lie, on the plane that shows most of the space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.voice import read_spec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

MARGIN = 0.16
"""Of the map's width, around the styles."""
NEAREST = 0.26
"""Closer than this, a finger could not tell two styles apart."""
STEPS = 200

Map = dict[str, tuple[float, float]]


def style_map(voice: Path) -> Map:
    """Place of each style in a voice file, each coordinate 0-1. Raises `VoiceError`."""
    styles = read_spec(voice).styles
    return arranged({name: style.mean for name, style in styles.items()})


def arranged(means: Mapping[str, Sequence[float]]) -> Map:
    """Places of points [Z] on the plane of their two principal components, kept apart."""
    import numpy as np

    if not means:
        return {}
    points = np.array(list(means.values()), np.float64)
    points = points - points.mean(0)
    _, _, axes = np.linalg.svd(points, full_matrices=False)
    plane = np.zeros((len(points), 2))
    for column, axis in enumerate(axes[:2]):
        along = points @ axis
        # The sign of an axis is anybody's: the first style that is not in the middle is right.
        first = along[np.argmax(np.abs(along) > 1e-9)]
        plane[:, column] = along * (1.0 if first >= 0 else -1.0)
    placed = _fitted(_apart(_fitted(plane)))
    return {
        n: (round(float(x), 4), round(float(y), 4)) for n, (x, y) in zip(means, placed, strict=True)
    }


def _fitted(points: Points) -> Points:
    """The points stretched over the map."""
    low, high = points.min(0), points.max(0)
    span = high - low
    share = (points - low) / (span + (span < 1e-9))
    share[:, span < 1e-9] = 0.5
    fitted: Points = MARGIN + (1 - 2 * MARGIN) * share
    return fitted


def _apart(points: Points) -> Points:
    """The points, those that are too close pushed away from each other."""
    import numpy as np

    nearest = min(NEAREST, 1.0 / max(len(points), 1) ** 0.5)
    for _ in range(STEPS):
        gaps = points[:, None] - points[None]
        # Two in the same place part along the diagonal, by their order.
        order = np.sign(np.subtract.outer(np.arange(len(points)), np.arange(len(points))))
        gaps = gaps + 1e-6 * order[..., None]
        far = np.linalg.norm(gaps, axis=-1) + np.eye(len(points))
        push = np.clip(nearest - far, 0.0, None) * (1 - np.eye(len(points)))
        if not push.any():
            break
        points = points + 0.25 * (gaps / far[..., None] * push[..., None]).sum(1)
        points = np.clip(points, MARGIN / 2, 1 - MARGIN / 2)
    return points
