"""What is sampled and counted of mutmut's mutants; mutmut itself is not run."""

import json

import pytest

from benchmarks.resilience import mutants

MUTANTS = {f"stream.play.{module}.x_run__mutmut_{n}": 1 for module in "ab" for n in range(30)}


def test_the_same_seed_samples_the_same_mutants_of_each_module():
    chosen = mutants.sample(MUTANTS, 10, 1)
    assert chosen == mutants.sample(reversed(MUTANTS), 10, 1)
    assert chosen != mutants.sample(MUTANTS, 10, 2)
    counts = {module: [mutants.module_of(m) for m in chosen].count(module) for module in
              ("stream.play.a", "stream.play.b")}  # fmt: skip
    assert counts == {"stream.play.a": 10, "stream.play.b": 10}
    assert len(set(chosen)) == 20


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    codes = {
        "p.m.f__1": 1,
        "p.m.f__2": 0,
        "p.m.f__3": 33,
        "p.m.f__4": 0,
        "p.m.f__5": -24,
        "p.m.f__6": None,
    }
    (tmp_path / "m.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (tmp_path / "equivalent.toml").write_text(
        json.dumps("p.m: old -> f__4") + " = 'it is the same'\n"
    )
    monkeypatch.setattr(mutants, "COPY", tmp_path)
    monkeypatch.setattr(mutants, "EQUIVALENT", tmp_path / "equivalent.toml")
    monkeypatch.setattr(
        mutants, "mutmut", lambda _, name: f"--- m\n+++ m\n-    old\n+    {name[4:]}\n"
    )
    return list(codes)[:5]


def test_a_mutant_is_killed_equivalent_or_survives(recorded):
    tally = mutants.count(recorded)["p.m"]
    assert (tally.made, tally.killed, tally.equivalent, tally.unknown) == (6, 2, 1, 1)
    assert tally.survivors == ["p.m.f__2"]
    assert tally.share == 2 / 3


def test_figures_of_all_come_first(recorded):
    rows = mutants.records(mutants.count(recorded))
    assert [row.system for row in rows[::5]] == ["all modules", "p", "p.m"]
    assert [(row.measure, row.value) for row in rows[:5]] == [
        ("killed, share", 2 / 3), ("killed", 2), ("survived", 1), ("equivalent", 1),
        ("not known", 1),
    ]  # fmt: skip
