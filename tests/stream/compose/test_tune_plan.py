import collections
import dataclasses
import itertools

import numpy as np
import pytest

from stream.compose.melody.outline import line, parsed
from stream.compose.melody.tune_sets import related, set_of
from stream.compose.tune_plan import SPREAD, outline_of, packed, plan_tune, unpacked
from stream.errors import SettingsError, VoiceError
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import read_spec
from tests.stream.compose.conftest import OUTLINED, TINY

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


OUTLINED_SPEC = read_spec(OUTLINED)
STREAM = [request(tune=tune, seed=3) for tune in range(60)]


def test_one_outline_gives_a_tune_its_meter_mode_key_form_and_tempo():
    for each in STREAM:
        plan = plan_tune(OUTLINED_SPEC, each)
        outline = plan.outline
        style = OUTLINED_SPEC.styles[plan.style]
        index = [parsed(each) for each in style.outlines].index(outline)
        tags = dict(zip(OUTLINED_SPEC.tags, plan.tags.tolist(), strict=True))
        assert {tag for tag, weight in tags.items() if weight} == {
            f"style:{plan.style}", f"bar:{plan.bar}", f"mode:{outline.mode}",
            f"kind:{outline.kind}",
        }  # fmt: skip
        assert (plan.bar, plan.unit, plan.key) == (outline.bar, outline.unit, outline.key)
        kept = unpacked(style.points, 4)[index].astype(np.float32)
        assert plan.latent.tolist() == kept.tolist()
        assert outline.tempo * (1 - SPREAD) - 1 <= plan.tempo <= outline.tempo * (1 + SPREAD) + 1
        assert len(plan.form) == len(outline.phrases())
        for one, other in itertools.product(range(len(plan.form)), repeat=2):
            same = outline.phrases()[one] == outline.phrases()[other]
            assert (plan.form[one] == plan.form[other]) == same
    assert plan_tune(OUTLINED_SPEC, request(style_of("even"), 1)).form in {"ababcdcd", "abcab"}


def style_of(name):
    return ((name, 1.0),)


def test_tunes_of_a_set_share_style_meter_and_kind_and_have_their_own_tempo():
    found = [plan_tune(OUTLINED_SPEC, each) for each in STREAM]
    sets = collections.defaultdict(list)
    for each, plan in zip(STREAM, found, strict=True):
        sets[set_of(each.seed, each.tune)[0]].append(plan)
    assert {len(plans) for plans in sets.values()} <= {2, 3, 4}
    for plans in sets.values():
        assert len({(p.style, p.bar, p.unit, p.outline.kind) for p in plans}) == 1
        outlines = [line(p.outline) for p in plans]
        kinds = [line for line in OUTLINED_SPEC.styles[plans[0].style].outlines
                 if line.split(";")[2] == plans[0].outline.kind]  # fmt: skip
        assert len(set(outlines)) == min(len(outlines), len(kinds))
    reels = [plan.tempo for plan in found if plan.outline.kind == "reel"]
    assert len(set(reels)) > 3
    # A restarted composer draws the same.
    again = plan_tune(read_spec(OUTLINED), STREAM[41])
    assert (again.outline, again.tempo) == (found[41].outline, found[41].tempo)


def test_reels_of_a_set_are_in_related_keys_where_there_are_any():
    spec = OUTLINED_SPEC
    pairs = 0
    for one, other in itertools.pairwise(STREAM):
        first, second = (plan_tune(spec, each).outline for each in (one, other))
        same = set_of(3, one.tune)[0] == set_of(3, other.tune)[0]
        if same and first.kind == "reel" and set_of(3, other.tune)[1] == 1:
            pairs += 1
            assert related(first, second)
    assert pairs >= 3


def test_a_blend_of_outlined_styles_is_between_like_tunes():
    plan = plan_tune(OUTLINED_SPEC, request((("even", 0.5), ("odd", 0.5)), seed=3))
    points = {
        name: unpacked(style.points, 4).astype(np.float64)
        for name, style in OUTLINED_SPEC.styles.items()
    }
    middle = {
        tuple(np.float32(0.5 * a + 0.5 * b).tolist())
        for a, b in itertools.product(points["even"], points["odd"])
    }
    assert tuple(plan.latent.tolist()) in middle


def test_a_plan_without_an_outline_says_so():
    plan = plan_tune(SPEC, request(style_of("even")))
    assert (plan.outline, plan.key, plan.tempo) == (None, 0, 0.0)
    with pytest.raises(VoiceError, match=r"^style even: has no outlines; export the voice again$"):
        outline_of(plan)
