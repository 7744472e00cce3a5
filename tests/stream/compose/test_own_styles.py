"""Own styles in the composer: they play, blend and lean, and change nothing else."""

import contextlib
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.composer import Composer
from stream.compose.melody.leaning import SIZE, packed
from stream.compose.tune_plan import plan_tune
from stream.errors import StreamError
from stream.music.note import Controls, PhraseRequest
from stream.own_styles.library import Library
from tests.stream.compose.conftest import OUTLINED
from tests.stream.own_styles.own_styles import own_style


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Library()


def request(*style, seed=3):
    blends = (tuple(style),) if style else ()
    controls = Controls(style=blends, candidates=4)
    return PhraseRequest(seed=seed, index=0, tune=0, controls=controls)


def test_a_learned_style_plays_with_its_tags(library):
    library.write(own_style())
    composer = Composer(OUTLINED)
    plan = plan_tune(composer.spec, request(("mine", 1.0)))
    tags = dict(zip(composer.spec.tags, plan.tags.tolist(), strict=True))
    assert (tags["style:even"], tags["style:odd"]) == (0.5, 0.25)
    assert composer.compose(request(("mine", 1.0))).style == "mine"


def test_a_blend_has_the_tags_of_both(library):
    library.write(own_style())
    plan = plan_tune(Composer(OUTLINED).spec, request(("mine", 0.5), ("odd", 0.5)))
    assert plan.tags[:2].tolist() == [0.25, 0.625]


def test_it_leans(library):
    library.write(own_style())
    before = Composer(OUTLINED).compose(request(("mine", 1.0)))
    table = packed(np.random.default_rng(1).normal(0, 2, SIZE))
    library.write(own_style(leaning=table))
    after = Composer(OUTLINED).compose(request(("mine", 1.0)))
    assert [n.pitch for n in before.notes] != [n.pitch for n in after.notes]


@pytest.mark.parametrize("style", [(), (("even", 1.0),)])
def test_music_in_other_styles_is_as_without_it(library, style):
    before = [Composer(OUTLINED).compose(request(*style, seed=seed)) for seed in range(4)]
    library.write(own_style())
    assert [Composer(OUTLINED).compose(request(*style, seed=seed)) for seed in range(4)] == before


@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "mean": st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=4).map(tuple),
            "outlines": st.lists(st.text(max_size=80), min_size=1, max_size=2).map(tuple),
            "leaning": st.sampled_from(["", "AAAA", packed(np.full(SIZE, 7.9))]),
            "formulas": st.sampled_from(["", "AAAA"]),
            "bounds": st.dictionaries(
                st.sampled_from(["pitch", "x"]),
                st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
            ),
            "tags": st.dictionaries(
                st.sampled_from(["style:even", "bar:8", "kind:reel", "x"]), st.floats(-1e3, 1e3)
            ),
            "ensemble": st.sampled_from(["", "nobody"]),
        },
    )
)
@settings(max_examples=60)
def test_no_style_file_stops_the_music(changes, tmp_path_factory):
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        Library().write(dataclasses.replace(own_style(), style=own_style(**changes).style))
        composer = Composer(OUTLINED)
        assert composer.compose(request(("even", 1.0))).notes
        with contextlib.suppress(StreamError):
            composer.compose(request(("mine", 1.0)))
