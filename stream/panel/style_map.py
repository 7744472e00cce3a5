"""Map of a voice's styles for the style pad: the plane of their two principal components.

It is plain Python, because numpy would cost the panel memory for a handful of styles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import mul
from pathlib import Path

from stream.own_styles.library import read_styled

MARGIN = 0.16
"""Margin around the styles, as a share of the map's width."""
NEAREST = 0.26
"""Least distance of two styles, so that each can be touched separately."""
STEPS = 200
"""Most steps in which styles that are too close are pushed apart."""
ITERATIONS = 1000
"""Most iterations in search of a principal component."""
TOLERANCE = 1e-12
"""Change of the direction below which a principal component is found."""
NEGLIGIBLE = 1e-9
"""Share of the space below which a distance counts as zero."""

Map = dict[str, tuple[float, float]]
Vector = list[float]


def style_map(voice: Path) -> Map:
    """Return the position of each style of a voice file, coordinates 0-1. Raises `VoiceError`."""
    styles = read_styled(voice).styles
    return arranged({name: style.mean for name, style in styles.items()})


def arranged(means: Mapping[str, Sequence[float]]) -> Map:
    """Return points [Z] on the plane of their two principal components, moved apart."""
    places = _fitted(_apart(_fitted(plane(list(means.values())))))
    return {n: (round(p.real, 4), round(p.imag, 4)) for n, p in zip(means, places, strict=True)}


def plane(points: Sequence[Sequence[float]]) -> list[complex]:
    """Project points [Z] on their two principal components, in any unit: x + iy."""
    rest = _centered(points)
    across, rest = _component(rest)
    up, _ = _component(rest)
    return list(map(complex, across, up))


def _centered(points: Sequence[Sequence[float]]) -> list[Vector]:
    """Return the points around their mean, scaled to a largest coordinate of 1."""
    middle = [math.fsum(column) / len(points) for column in zip(*points, strict=True)]
    moved = [[x - m for x, m in zip(point, middle, strict=True)] for point in points]
    unit = max((abs(x) for point in moved for x in point), default=0.0) or 1.0
    return [[x / unit for x in point] for point in moved]


def _component(points: list[Vector]) -> tuple[Vector, list[Vector]]:
    """Return the coordinates along the principal axis, and the points without that component."""
    axis = _axis(points)
    along = [_dot(point, axis) for point in points]
    # The sign of an axis is arbitrary: the first style off the middle gets a positive one.
    if next((a for a in along if abs(a) > NEGLIGIBLE), 0.0) < 0:
        axis, along = [-x for x in axis], [-a for a in along]
    beside = [
        [x - a * share for x, share in zip(point, axis, strict=True)]
        for point, a in zip(points, along, strict=True)
    ]
    return along, beside


def _axis(points: list[Vector]) -> Vector:
    """Find the unit vector of the largest variance by power iteration."""
    axis = _unit(max(points, key=lambda point: math.hypot(*point), default=[]))
    for _ in range(ITERATIONS):
        along = [_dot(point, axis) for point in points]
        before, axis = axis, _unit([_dot(along, column) for column in zip(*points, strict=True)])
        if math.dist(before, axis) <= TOLERANCE:
            break
    return axis


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(map(mul, one, other))


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector) or 1.0
    return [x / length for x in vector]


def _fitted(points: list[complex]) -> list[complex]:
    """Stretch the points over the map."""
    across, up = (_stretched([p.real for p in points]), _stretched([p.imag for p in points]))
    return list(map(complex, across, up))


def _stretched(values: Vector) -> Vector:
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high - low < NEGLIGIBLE:
        return [0.5 for _ in values]
    return [MARGIN + (1 - 2 * MARGIN) * (value - low) / (high - low) for value in values]


def _apart(points: list[complex]) -> list[complex]:
    """Push points that are too close away from each other."""
    nearest = min(NEAREST, 1.0 / max(len(points), 1) ** 0.5)
    for _ in range(STEPS):
        pushes = [_push(points, at, nearest) for at in range(len(points))]
        if not any(pushes):
            break
        points = [_clamped(p + 0.25 * push) for p, push in zip(points, pushes, strict=True)]
    return points


def _push(points: list[complex], at: int, nearest: float) -> complex:
    """Return the sum of the pushes of all points that are closer than `nearest`."""
    push = 0j
    for other, point in enumerate(points):
        # Two points in the same place part along the diagonal, by their order.
        gap = points[at] - point + 1e-6 * (1 + 1j) * ((at > other) - (at < other))
        far = abs(gap)
        if 0 < far < nearest:
            push += gap / far * (nearest - far)
    return push


def _clamped(point: complex) -> complex:
    low, high = MARGIN / 2, 1 - MARGIN / 2
    return complex(min(max(point.real, low), high), min(max(point.imag, low), high))
