"""The adapter of `smg-metrics` calls its program once, and reads what it prints."""

import sys

import numpy as np
import pytest

from benchmarks.field import smg
from benchmarks.field.excerpt import Excerpt
from stream.errors import SettingsError
from stream.music.note import Note

PROGRAM = """#!{python}
import json, pathlib, sys
import mido
assert sys.argv[1] == "-m" and sys.argv[3:] == ["--all-single", "--json"]
found = {{}}
for path in pathlib.Path(sys.argv[2]).glob("*.mid"):
    notes = [m.note for m in mido.MidiFile(path) if m.type == "note_on"]
    found[path.name] = dict.fromkeys({names}, None) | {{"n_pitches_used": len(set(notes))}}
print("a warning")
print(json.dumps(found))
"""


def excerpt(pitches, group):
    notes = tuple(Note(48 * i, 48, pitch) for i, pitch in enumerate(pitches))
    return Excerpt((notes,), group=group)


def test_metrics_of_each_excerpt_in_order(tmp_path):
    program = tmp_path / "smg-eval"
    names = list(smg.METRICS)
    program.write_text(PROGRAM.format(python=sys.executable, names=names), encoding="utf-8")
    program.chmod(0o755)
    sets = {"a": [excerpt([60, 62], 3), excerpt([60], 4)], "b": [excerpt([1, 2, 3], 0)], "c": []}
    found = smg.measured(program, sets)
    column = names.index("n_pitches_used")
    assert found["a"].features[:, column].tolist() == [2, 1]
    assert found["a"].groups.tolist() == [3, 4]
    assert found["b"].features[0, column] == 3
    assert np.isnan(np.delete(found["b"].features, column, axis=1)).all()
    assert len(found["c"].features) == 0


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(SettingsError, match="give the program of smg-metrics"):
        smg.measured(tmp_path / "none", {})


def test_distance_is_in_deviations_of_the_real_ones():
    real = np.array([[0.0, 5.0], [2.0, 5.0]])
    assert smg.distance(real, real) == 0
    assert smg.distance(real, real + np.array([3.0, 1.0])) == 3
