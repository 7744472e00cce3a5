import pytest

from benchmarks.polyphony.systems import BEST, GOALS, SETS, SYSTEMS, Stage
from export.models.polyphony.family import FAMILIES


def test_a_plan_counts_frames_but_not_fewer_than_some_epochs():
    stage = Stage("whole", "rbm", 1e6)
    plans = [stage.planned(frames, 1.0, 2.0, 3) for frames in (10_000, 50_000, 1_000_000)]
    assert [(p.epochs, p.every) for p in plans] == [(100, 25), (20, 5), (8, 2)]
    assert {(p.minutes, p.seed) for p in plans} == {(2.0, 3)}
    assert stage.planned(10_000, 0.5, 0.0, 1).epochs == 50


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda system: system.name)
def test_every_stage_can_be_built(system):
    for stage in system.stages:
        assert stage.configuration("jsb").sets == ("jsb",)
        assert stage.planned(1000, 1.0, 0.0, 1).epochs >= 8
    assert system.begins in {"", *SYSTEMS}


def test_the_table_covers_all_models_and_sets():
    trained = {stage.family for system in SYSTEMS.values() for stage in system.stages}
    assert trained | {"note-ngram"} == set(FAMILIES)
    assert set(BEST) == set(GOALS) == set(SETS)
    assert all(set(s.paper) >= set(SETS) for s in SYSTEMS.values() if s.name != "note-list")
