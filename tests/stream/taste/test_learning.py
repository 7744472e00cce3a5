import dataclasses
import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.music.note import PhraseRequest, request_from_json, to_json
from stream.taste.learning import learned
from stream.taste.terms import LEAST_RATINGS, Taste, taste_from
from tests.stream.taste.tunes import rated


def low_leaps(values):
    return values[0] < 0


def test_fewer_than_ten_ratings_move_nothing():
    for count in range(LEAST_RATINGS):
        found = learned(rated(count, liked=low_leaps))
        assert (found.terms, found.count) == ((), count)
        assert str(LEAST_RATINGS) in found.sentence


def test_a_taste_is_learned_and_explained():
    found = learned(rated(30, liked=low_leaps))
    (name, slope, *_), *_ = [term for term in found.terms if term[0] == "leaps"]
    assert (name, slope < 0) == ("leaps", True)
    assert found.sentence.startswith("Fewer leaps")
    assert "because you gave" in found.sentence
    assert len(found.ratings) == 16


def test_stars_at_random_are_told_to_follow_nothing():
    sentences = [learned(rated(30, seed=seed)).sentence for seed in range(10)]
    assert sum("follow none" in sentence for sentence in sentences) >= 6


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(10, 40))
def test_the_same_ratings_give_the_same_taste_and_other_ratings_another_hash(seed, count):
    tunes = rated(count, seed=seed, liked=low_leaps)
    found = learned(tunes)
    assert found == learned(list(tunes))
    changed = dataclasses.replace(tunes[0], stars=tunes[0].stars % 5 + 1)
    assert learned([changed, *tunes[1:]]).ratings != found.ratings


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_the_order_of_ratings_of_one_taste_does_not_matter(seed):
    tunes = rated(16, seed=seed, liked=low_leaps)  # too few to hold two tastes but at one place
    order = np.random.default_rng(seed).permutation(8)
    shuffled = [tunes[i] for i in order] + tunes[8:]
    one, other = learned(tunes), learned(shuffled)
    assert {t[0] for t in one.terms} == {t[0] for t in other.terms}


def test_a_taste_survives_its_file_and_a_request():
    found = learned(rated(30, liked=low_leaps))
    assert taste_from(json.loads(json.dumps(found.document()))) == found
    request = PhraseRequest(0, 0, 1, **found.fields(0.5))
    assert request_from_json(to_json(request)) == request
    assert request.taste[0][1] == 0.5 * found.terms[0][1]
    assert found.fields(0.0) == Taste().fields(1.0) == {"taste": (), "ratings": ""}
