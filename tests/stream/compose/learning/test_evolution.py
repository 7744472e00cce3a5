import json

import numpy as np

from stream.compose.learning.evolution import Evolution


def search(generations, stored_after=None):
    target = np.array([0.5, -1.0, 2.0, 0.0, 1.0])
    found = Evolution.begin(np.zeros(5), np.ones(5))
    for generation in range(generations):
        if generation == stored_after:
            found = Evolution.stored(json.loads(json.dumps(found.document())))
        points = found.draw(12, 3)
        found.update(points, ((points - target) ** 2 * [1, 10, 1, 100, 3]).sum(1))
    return found, target


def test_it_finds_the_lowest_point():
    found, target = search(120)
    assert np.abs(found.mean - target).max() < 0.02


def test_a_stored_search_goes_on_to_the_same_point():
    assert np.array_equal(search(20)[0].mean, search(20, stored_after=9)[0].mean)
