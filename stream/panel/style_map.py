"""The style pad's map: where a voice's styles lie, on the plane that shows most of the space.

In plain Python: for a handful of styles numpy would only be a weight on the panel's memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import mul
from pathlib import Path

from stream.voices.spec import read_spec

MARGIN = 0.16
"""Of the map's width, around the styles."""
NEAREST = 0.26
"""Closer than this, a finger could not tell two styles apart."""
STEPS = 200
ROUNDS = 1000
"""At most, in search of a principal component ..."""
STILL = 1e-12
"""... which is found once its direction moves no more than this."""
NOTHING = 1e-9
"""So small a share of the space is no distance."""

Map = dict[str, tuple[float, float]]
Vector = list[float]


def style_map(voice: Path) -> Map:
    """Place of each style in a voice file, each coordinate 0-1. Raises `VoiceError`."""
    styles = read_spec(voice).styles
    return arranged({name: style.mean for name, style in styles.items()})


def arranged(means: Mapping[str, Sequence[float]]) -> Map:
    """Places of points [Z] on the plane of their two principal components, kept apart."""
    places = _fitted(_apart(_fitted(plane(list(means.values())))))
    return {n: (round(p.real, 4), round(p.imag, 4)) for n, p in zip(means, places, strict=True)}


def plane(points: Sequence[Sequence[float]]) -> list[complex]:
    """The points [Z] by their two principal components, in any unit: one across, one up."""
    rest = _centred(points)
    across, rest = _component(rest)
    up, _ = _component(rest)
    return list(map(complex, across, up))


def _centred(points: Sequence[Sequence[float]]) -> list[Vector]:
    """The points around their middle, none further away than 1 along any axis."""
    middle = [math.fsum(column) / len(points) for column in zip(*points, strict=True)]
    moved = [[x - m for x, m in zip(point, middle, strict=True)] for point in points]
    unit = max((abs(x) for point in moved for x in point), default=0.0) or 1.0
    return [[x / unit for x in point] for point in moved]


def _component(points: list[Vector]) -> tuple[Vector, list[Vector]]:
    """How far the points lie along their principal axis, and what is left of them beside it."""
    axis = _axis(points)
    along = [_dot(point, axis) for point in points]
    # The sign of an axis is anybody's: the first style that is not in the middle is right.
    if next((a for a in along if abs(a) > NOTHING), 0.0) < 0:
        axis, along = [-x for x in axis], [-a for a in along]
    beside = [
        [x - a * share for x, share in zip(point, axis, strict=True)]
        for point, a in zip(points, along, strict=True)
    ]
    return along, beside


def _axis(points: list[Vector]) -> Vector:
    """The direction in which the points differ most, of length 1; found by power iteration."""
    axis = _unit(max(points, key=lambda point: math.hypot(*point), default=[]))
    for _ in range(ROUNDS):
        along = [_dot(point, axis) for point in points]
        before, axis = axis, _unit([_dot(along, column) for column in zip(*points, strict=True)])
        if math.dist(before, axis) <= STILL:
            break
    return axis


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(map(mul, one, other))


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector) or 1.0
    return [x / length for x in vector]


def _fitted(points: list[complex]) -> list[complex]:
    """The points stretched over the map."""
    across, up = (_stretched([p.real for p in points]), _stretched([p.imag for p in points]))
    return list(map(complex, across, up))


def _stretched(values: Vector) -> Vector:
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high - low < NOTHING:
        return [0.5 for _ in values]
    return [MARGIN + (1 - 2 * MARGIN) * (value - low) / (high - low) for value in values]


def _apart(points: list[complex]) -> list[complex]:
    """The points, those that are too close pushed away from each other."""
    nearest = min(NEAREST, 1.0 / max(len(points), 1) ** 0.5)
    for _ in range(STEPS):
        pushes = [_push(points, at, nearest) for at in range(len(points))]
        if not any(pushes):
            break
        points = [_kept(p + 0.25 * push) for p, push in zip(points, pushes, strict=True)]
    return points


def _push(points: list[complex], at: int, nearest: float) -> complex:
    """What all the others, that are closer than `nearest`, do to the point."""
    push = 0j
    for other, point in enumerate(points):
        # Two in the same place part along the diagonal, by their order.
        gap = points[at] - point + 1e-6 * (1 + 1j) * ((at > other) - (at < other))
        far = abs(gap)
        if 0 < far < nearest:
            push += gap / far * (nearest - far)
    return push


def _kept(point: complex) -> complex:
    low, high = MARGIN / 2, 1 - MARGIN / 2
    return complex(min(max(point.real, low), high), min(max(point.imag, low), high))
