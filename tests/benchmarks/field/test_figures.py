"""Figures of a set: floors near one half, a control that is told, the page's sentence about it."""

import numpy as np
import pytest

from benchmarks.ensemble.two_sample import Sample
from benchmarks.field import page, picture
from benchmarks.field.excerpt import Excerpt
from benchmarks.field.figures import DISTANCE, HALVES, OWN, TOLD, of_set, ordered
from benchmarks.field.sets import CHAIN, REAL, SHIPPED, Compared, System
from benchmarks.field.smg import METRICS


def sample(rng, shift, columns):
    return Sample(rng.normal(shift, 1, (40, columns)), np.arange(40))


@pytest.fixture
def records():
    rng = np.random.default_rng(0)
    shifts = {REAL: 0.0, SHIPPED: 0.5, "IMPSY, a model": 2.0, CHAIN: 3.0}
    systems = [System(n, [Excerpt(())] * 40, sample(rng, s, 3)) for n, s in shifts.items()]
    metrics = {n: sample(rng, s, len(METRICS)) for n, s in shifts.items()}
    return of_set(Compared("folk, 64 notes", systems[0], systems[1:]), metrics, 2)


def value(records, system, measure):
    (found,) = [r for r in records if (r.system, r.measure) == (system, measure)]
    return found


def test_what_is_far_from_real_is_told(records):
    for measure in (OWN, TOLD):
        floor, ours, chain = (value(records, s, measure).value for s in (HALVES, SHIPPED, CHAIN))
        assert max(floor, ours) < chain
        assert chain > 0.9
    assert value(records, CHAIN, DISTANCE).value == pytest.approx(3, abs=0.5)
    ours = value(records, SHIPPED, OWN).value
    assert value(records, CHAIN, OWN).paper == f"above {ours:.3f}"
    assert len([r for r in records if r.system == REAL]) == len(METRICS)


def test_without_the_package_its_figures_are_missing():
    rng = np.random.default_rng(0)
    systems = [System(n, [], sample(rng, s, 3)) for n, s in ((REAL, 0), (SHIPPED, 0), (CHAIN, 3))]
    found = of_set(Compared("folk, 64 notes", systems[0], systems[1:]), {}, 1)
    assert {r.measure for r in found} == {OWN}
    text = page.text(found, "python -m benchmarks.field")
    assert page.NOT_SHIPPED in text
    assert page.NO_SMG in text


def test_the_page_says_how_often_the_control_loses(records, tmp_path):
    text = page.text(records, "python -m benchmarks.field")
    assert f"- By *{OWN}* the control loses in 1 of 1 sets." in text
    assert page.NOT_SHIPPED in text
    picture.draw(records, tmp_path / "field.png")
    assert (tmp_path / "field.png").stat().st_size > 1000


def test_the_metrics_stand_side_by_side(records):
    text = page.text(records, "python -m benchmarks.field")
    lines = [line for line in text.splitlines() if line.count("|") == len(METRICS) + 2]
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| real, held out", "| commons", "| IMPSY, a model", "| chain of order 3",
    ]  # fmt: skip


def test_controls_are_shown_last():
    assert ordered([CHAIN, SHIPPED, HALVES]) == [HALVES, SHIPPED, CHAIN]
