"""The sample of mutmut's mutants and its counts; mutmut itself is not run."""

import importlib.util
import json
import pathlib
import tomllib

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


@pytest.mark.parametrize("key", mutants.equivalents())
def test_an_equivalent_mutant_changes_a_line_that_exists(key):
    module, _, change = key.partition(": ")
    source = pathlib.Path(importlib.util.find_spec(module).origin).read_text(encoding="utf-8")
    assert change.partition(" -> ")[0] in map(str.strip, source.splitlines())


def test_the_settings_of_mutmut_name_paths_that_exist():
    project = tomllib.loads((mutants.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings = project["tool"]["mutmut"]
    selected = settings["pytest_add_cli_args_test_selection"]
    paths = [*settings["source_paths"], *settings["only_mutate"], *settings["also_copy"], *selected]
    assert [path for path in paths if not any(mutants.ROOT.glob(path))] == []
    files = [path for folder in selected for path in (mutants.ROOT / folder).rglob("test_*.py")]
    prefix = "--ignore-glob="
    globs = [a.removeprefix(prefix) for a in settings["pytest_add_cli_args"] if prefix in a]
    assert [glob for glob in globs if not any(path.match(glob) for path in files)] == []
