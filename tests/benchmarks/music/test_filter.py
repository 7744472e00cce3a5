"""The benchmark of the filter, and its examples."""

import pytest

from benchmarks.music import filter as benchmark
from benchmarks.music.filtering import examples as filter_examples
from benchmarks.timing import filter_cost
from stream.compose.composer import Composer
from stream.compose.melody.vocabulary import REST
from stream.voices.spec import read_spec
from tests.benchmarks.music.tunes import OUTLINED, TINY, melody


@pytest.fixture(params=[TINY, OUTLINED], ids=["without outlines", "with outlines"])
def voice(request):
    return request.param


def test_the_filter_has_a_cost_and_candidates_that_pass(voice, tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "K", 2)
    entropies, whole = filter_cost.costs(voice, "even", 6)
    assert len(entropies.values) == len(whole.values) >= 1
    assert min(entropies.values) >= 0
    wide = {s: dict.fromkeys(b.bounds, (-1.0, 99.0)) for s, b in read_spec(voice).styles.items()}
    changed = benchmark.refined(voice, tmp_path, wide)
    *shares, new = benchmark.played(changed, "even", 4)
    assert shares == [1.0, 1.0]
    assert 1 <= new <= 4


def test_only_new_phrases_are_measured(voice):
    composer = Composer(voice)
    found = list(benchmark.new_phrases(composer, "even", 8))
    assert 1 <= len(found) <= 8
    assert all(now.repeat is None or not now.repeat.whole for now in found)


def test_the_voice_gives_bad_examples_of_new_music(voice):
    composer = Composer(voice)
    found = filter_examples.sampled(composer, "even", "temperature 2", 3)
    assert {e.kind for e in found} == {"temperature 2"}
    assert len({e.group for e in found}) == len(found) >= 2
    for e in found:
        assert not e.good
        assert e.group < 0
        assert e.events.shape[1] == 3
        assert (e.events[e.begin :, 0] != REST).any()
        assert len(e.latent) == 4


def test_good_and_bad_examples_are_of_every_style(voice):
    composer = Composer(voice)
    tunes = [melody(i, 80, ("even", "odd")[i % 2], "valid") for i in range(6)]
    found = filter_examples.balanced(composer, tunes)
    assert {(e.style, e.good) for e in found} == {
        (s, good) for s in ("even", "odd") for good in (True, False)
    }
