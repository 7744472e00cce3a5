import dataclasses

import numpy as np
import pytest

from stream.compose.composer import Composer
from stream.compose.plan.latent_text import packed
from stream.compose.tune_plan import plan_tune
from stream.music.controls import Controls
from stream.music.stream_position import opening
from tests.stream.compose.conftest import CHORALE, OUTLINED, TINY


@pytest.fixture(params=[TINY, OUTLINED], ids=["melody", "outlined"])
def composer(request):
    return Composer(request.param)


def requested(composer, favourite, **controls):
    request = opening(3, Controls(candidates=2, **controls)).request
    return dataclasses.replace(request, favourite=favourite)


def test_a_tune_has_the_latent_point_of_its_favourite(composer):
    spec = composer.spec
    style = min(spec.styles)
    latent = np.linspace(-1, 1, spec.latent)
    request = requested(composer, ("jig in D major", style, packed(latent)))
    plan = plan_tune(spec, request)
    assert plan.latent == pytest.approx(latent, abs=0.01)
    assert plan.favourite == "jig in D major"
    phrase = composer.compose(request)
    assert (phrase.returns_to, phrase.set_size) == ("jig in D major", 0)
    without = composer.compose(requested(composer, ()))
    assert (without.returns_to, without.latent) != (phrase.returns_to, phrase.latent)


@pytest.mark.parametrize(
    "favourite",
    [("x", "nowhere", "AAAA"), ("x", "", ""), ("x",), ("x", "even", "AAA"), ("x", "even", "!")],
)
def test_what_this_voice_cannot_return_to_changes_nothing(composer, favourite):
    plain = plan_tune(composer.spec, requested(composer, ()))
    odd = plan_tune(composer.spec, requested(composer, favourite))
    assert odd.latent == pytest.approx(plain.latent)
    assert odd.favourite == ""


def test_a_voice_without_a_latent_space_has_no_favourites():
    composer = Composer(CHORALE)
    (style, *_) = composer.spec.styles
    plan = plan_tune(composer.spec, requested(composer, ("x", style, "AAAA")))
    assert plan.favourite == ""
