"""The adapter plays a model of IMPSY, here one that stands in for it."""

import sys
import textwrap

import pytest

from benchmarks.field import impsy_tunes
from stream.errors import SettingsError

PACKAGE = '''
"""A stand-in for `impsy.mdrnn`: its model goes up the keys."""
import numpy as np


class Model:
    dimension = 9
    opened = []

    def reset_lstm_states(self):
        self.key = 60

    def generate(self, value):
        assert len(value) == self.dimension
        assert (self.pi_temp, self.sigma_temp) == (1.0, 0.01)
        self.key += 1
        return np.array([0.25, self.key / 127, *[0.5] * 7])


class TfliteMDRNN(Model):
    @classmethod
    def from_file(cls, path):
        assert path.exists()
        return cls()


class KerasMDRNN(Model):
    def __init__(self, path, dimension, units, mixtures, layers):
        assert (dimension, units, mixtures, layers) == (9, 64, 5, 2)


def random_sample(dimension):
    return np.zeros(dimension)


def proc_generated_touch(value, dimension):
    return value
'''


@pytest.fixture
def python(tmp_path, monkeypatch):
    package = tmp_path / "impsy"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "mdrnn.py").write_text(textwrap.dedent(PACKAGE), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return sys.executable


@pytest.mark.parametrize("name", ["a.tflite", "m-dim9-layers2-units64-mixtures5-scale10.keras"])
def test_every_tune_starts_anew(python, tmp_path, name):
    model = tmp_path / name
    model.touch()
    tunes = impsy_tunes.played(python, model, 1, seed=1)
    assert [tune.pitch.tolist()[:3] for tune in tunes] == [[61, 62, 63]] * 2
    assert [tune.onset.tolist()[:3] for tune in tunes] == [[12, 24, 36]] * 2
    assert len({tune.group for tune in tunes}) == 2


def test_an_interpreter_without_it_is_named(tmp_path):
    with pytest.raises(SettingsError, match="give the Python that has IMPSY"):
        impsy_tunes.played(tmp_path / "python", tmp_path / "a.tflite", 1, seed=1)


def test_of_notes_on_one_sixteenth_the_last_counts():
    tune = impsy_tunes.of_events([(0.26, 0.5), (0.24, 0.6), (0.01, 0.7), (9.0, 0.7)], 1)
    assert tune.onset.tolist() == [12, 24, 456]
    assert tune.pitch.tolist() == [64, 89, 89]
    assert tune.duration.tolist() == [12, 96, 96]


def test_one_event_is_no_tune():
    assert impsy_tunes.of_events([(0.1, 0.5)], 1) is None
