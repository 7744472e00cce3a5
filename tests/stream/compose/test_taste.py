import dataclasses
import itertools

import numpy as np
import pytest

from stream.compose.composer import Composer
from stream.compose.tune_plan import plan_tune
from stream.music.controls import Controls
from stream.music.stream_position import opening
from stream.taste.features import of_notes
from stream.taste.terms import Taste
from tests.stream.compose.conftest import CHORALE, OUTLINED, TINY

SLOWER = Taste((("tempo", -3.0, 0.0, 6.0),), "0" * 16, 12, "Slower tunes.")
FEWER_LEAPS = Taste((("leaps", -8.0, 0.0, 0.3),), "1" * 16, 12, "Fewer leaps.")


def start(seed, learned, **controls):
    return opening(seed, Controls(**({"candidates": 4, "ensemble": "solo"} | controls)), learned)


def tune(composer, position):
    """The phrases of the tune that begins at a position, and their requests."""
    found, number = [], position.tune
    while position.tune == number and len(found) < 20:
        request = position.request
        found.append((request, composer.compose(request)))
        position = position.after(found[-1][1])
    return found


@pytest.mark.parametrize("voice", [TINY, OUTLINED, CHORALE], ids=["melody", "outlined", "chorale"])
def test_without_weight_the_music_is_that_without_stars(voice):
    plain = [phrase for _, phrase in tune(Composer(voice), start(3, Taste()))]
    off = [phrase for _, phrase in tune(Composer(voice), start(3, FEWER_LEAPS, taste=0.0))]
    assert plain == off


@pytest.mark.parametrize("voice", [TINY, OUTLINED, CHORALE], ids=["melody", "outlined", "chorale"])
def test_the_same_ratings_give_the_same_music_and_a_recording_gives_it_again(voice):
    first, again = (tune(Composer(voice), start(5, FEWER_LEAPS)) for _ in range(2))
    assert first == again
    for request, phrase in first:
        follows = dataclasses.replace(request, parent=-1)
        alone = Composer(voice).compose(follows)
        assert Composer(voice).recreate(follows, alone.verdict.chosen).notes == alone.notes
        assert request.ratings == FEWER_LEAPS.ratings
        assert phrase.latent == first[0][1].latent


def test_plans_with_what_is_liked_are_drawn_more_often():
    spec = Composer(OUTLINED).spec

    def density(learned):
        plans = [plan_tune(spec, start(seed, learned).request) for seed in range(150)]
        return np.mean([np.mean(plan.outline.counts) for plan in plans])

    fewer, more = (
        Taste((("density", slope, 0.0, 1.0),), "2" * 16, 12, "Notes.") for slope in (-3.0, 3.0)
    )
    assert density(fewer) < density(Taste()) < density(more)


def test_a_tune_keeps_its_plan_when_the_style_moves_within_it():
    spec = Composer(OUTLINED).spec
    request = start(4, SLOWER).request
    for style in sorted(spec.styles):
        controls = dataclasses.replace(request.controls, style=(((style, 1.0),),))
        moved = dataclasses.replace(request, index=7, controls=controls)
        assert plan_tune(spec, moved).outline == plan_tune(spec, request).outline


def test_tunes_of_a_set_stay_together():
    composer = Composer(OUTLINED)
    position = start(2, SLOWER)
    found = []
    while position.tune < 4:
        phrase = composer.compose(position.request)
        found += [phrase] if position.request.opening else []
        position = position.after(phrase)
    for one, other in itertools.pairwise(found):
        if other.set_place > 1:
            assert (one.kind, one.meter, one.style) == (other.kind, other.meter, other.style)


def test_candidates_with_fewer_leaps_are_drawn_more_often():
    def leaps(taste):
        composer, values = Composer(TINY), []
        for seed in range(60):
            request = dataclasses.replace(start(seed, Taste(), candidates=16).request)
            request = dataclasses.replace(request, **taste.fields(1.0))
            if request.taste:  # the same plan: only the candidates differ
                request = dataclasses.replace(request, favourite=("", "", ""))
            phrase = composer.compose(request)
            values.append(of_notes(phrase.notes, phrase.length).get("leaps", 0.0))
        return np.mean(values)

    assert leaps(FEWER_LEAPS) < leaps(Taste()) - 0.02


def test_the_taste_of_a_tune_is_that_of_its_opening():
    position = start(1, Taste(), taste=0.5)
    assert position.request.taste == ()
    learned = dataclasses.replace(position, learned=SLOWER)
    assert learned.request.taste == ()
    following = learned.next_tune().request
    assert following.taste == (("tempo", -1.5, 0.0, 6.0),)
    assert following.ratings == SLOWER.ratings
