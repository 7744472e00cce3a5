import collections
import dataclasses

import numpy as np
import pytest

from stream.compose.tune_plan import packed, plan_tune, unpacked
from stream.errors import SettingsError
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import read_spec
from tests.stream.compose.conftest import TINY

SPEC = read_spec(TINY)


def request(style=(), tune=0, seed=1):
    places = (style,) if style else ()
    return PhraseRequest(0, tune, seed, opened_style=places, controls=Controls(style=places))


def test_a_single_style():
    where = plan_tune(SPEC, request((("odd", 1.0),)))
    tags = dict(zip(SPEC.tags, where.tags.tolist(), strict=True))
    assert (where.name, where.bar, where.unit) == ("odd", 3, 48)
    assert {tag for tag, weight in tags.items() if weight} >= {"style:odd", "bar:3"}
    assert tags["mode:major"] + tags["mode:minor"] == 1


def test_a_blend_lies_between_its_styles():
    blend = (("even", 0.75), ("odd", 0.25))
    points = np.array([plan_tune(SPEC, request(blend, tune)).latent for tune in range(400)])
    np.testing.assert_allclose(points.mean(0), [0.5, 0, 0, 0], atol=0.1)
    np.testing.assert_allclose(points.std(0), [0.5] * 4, atol=0.06)
    where = plan_tune(SPEC, request(blend))
    assert (where.name, where.bar) == ("even:0.75,odd:0.25", 8)
    tags = dict(zip(SPEC.tags, where.tags.tolist(), strict=True))
    assert (tags["style:even"], tags["style:odd"]) == (0.75, 0.25)


def test_a_tune_keeps_its_place_and_the_next_has_another():
    first, again, other = (plan_tune(SPEC, request(tune=t)).latent.tolist() for t in (3, 3, 4))
    assert first == again != other


def test_without_a_wish_every_style_has_its_turn():
    names = collections.Counter(plan_tune(SPEC, request(tune=t)).name for t in range(200))
    assert set(names) == {"even", "odd"}
    assert min(names.values()) > 70


def test_an_unknown_style():
    with pytest.raises(SettingsError, match="style 'polka': unknown; voice tiny has even, odd"):
        plan_tune(SPEC, request((("polka", 1.0),)))


def test_a_style_may_keep_the_points_of_real_tunes():
    real = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float16)
    np.testing.assert_array_equal(unpacked(packed(real.astype(np.float64)), 4), real)
    even = dataclasses.replace(SPEC.styles["even"], points=packed(real.astype(np.float64)))
    spec = dataclasses.replace(SPEC, styles={**SPEC.styles, "even": even})
    wished = (("even", 1.0),)
    found = {tuple(plan_tune(spec, request(wished, tune)).latent.tolist()) for tune in range(60)}
    assert found == {tuple(point.tolist()) for point in real}
    blend = plan_tune(spec, request((("even", 0.5), ("odd", 0.5)))).latent
    assert not any(np.allclose(blend, point) for point in real)
