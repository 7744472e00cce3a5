"""The search as a whole, with the tiny voice: it can be stopped after any step and go on."""

import json
from itertools import islice

import pytest

from stream.compose.learning import learner as module
from stream.compose.learning.learner import Learner
from stream.compose.learning.sources import read
from stream.compose.step import Step
from stream.own_styles.own_style import to_bytes
from tests.stream.compose.conftest import OUTLINED
from tests.stream.compose.learning.abc_files import write


@pytest.fixture(scope="module")
def step():
    return Step(OUTLINED)


@pytest.fixture
def melodies(step, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GENERATIONS", 4)
    return read(write(tmp_path / "tunes", 5), step.spec).melodies


def learned(step, melodies, unfinished=None, stopped_after=None):
    learner = Learner(step, OUTLINED, melodies, unfinished)
    shares = [each.share for each in islice(learner.steps("mine"), stopped_after)]
    assert shares == sorted(shares)
    return learner.learned and to_bytes(learner.learned)


def test_a_search_that_was_stopped_goes_on_to_the_same_style(step, melodies, tmp_path):
    whole, unfinished = learned(step, melodies), tmp_path / "unfinished"
    assert learned(step, melodies, unfinished, stopped_after=4) is None
    assert json.loads(unfinished.read_bytes())["generation"] == 2
    assert learned(step, melodies, unfinished) == whole
    assert not unfinished.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"tunes": 1}', b"[]"])
def test_a_damaged_or_strange_search_begins_anew(step, melodies, tmp_path, content):
    unfinished = tmp_path / "unfinished"
    unfinished.write_bytes(content)
    assert next(iter([learned(step, melodies, unfinished)])) == learned(step, melodies)


def test_it_is_no_worse_than_the_nearest_style_for_tunes_held_out(step, melodies):
    learner = Learner(step, OUTLINED, melodies)
    list(learner.steps("mine"))
    before, after = learner.learned.bits
    assert after <= before
    assert learner.learned.tunes == 5
