import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.stats import Lateness, Stats


def test_json_is_flat(tmp_path):
    stats = Stats(notes=3, phrases=1, tunes=1, accepted=5, composed=16, queue_seconds=7.25)
    for milliseconds in (0.1, 0.1, 30.0):
        stats.lateness.add(milliseconds / 1000)
    stats.write(tmp_path / "stats.json")
    assert json.loads((tmp_path / "stats.json").read_text()) == {
        "notes": 3,
        "phrases": 1,
        "tunes": 1,
        "late": 0,
        "queue_seconds": 7.25,
        "accepted": 5,
        "composed": 16,
        "repeats": 0,
        "restarts": 0,
        "hangs": 0,
        "stalls": 0,
        "sinks_lost": 0,
        "sinks_back": 0,
        "parts_failed": 0,
        "lateness_median_ms": pytest.approx(0.1, abs=0.021),
        "lateness_p99_ms": 30.0,
        "lateness_max_ms": 30.0,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["stats.json"]


def test_nothing_yet():
    assert Lateness().quantile(0.5) == 0.0


@given(st.lists(st.floats(0.0, 0.0199), min_size=1), st.floats(0.01, 1.0))
def test_quantiles_are_right_to_a_bin(values, share):
    lateness = Lateness()
    for value in values:
        lateness.add(value)
    rank = next(i for i in range(1, len(values) + 1) if i >= share * len(values))
    assert lateness.quantile(share) == pytest.approx(sorted(values)[rank - 1], abs=0.000021)


def test_a_full_disk_leaves_no_draft(tmp_path, monkeypatch):
    def fail(_draft, _path):
        raise OSError(28, "No space left on device")

    path = tmp_path / "stats.json"
    Stats(notes=1).write(path)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        Stats(notes=2).write(path)
    assert json.loads(path.read_text())["notes"] == 1
    assert list(tmp_path.iterdir()) == [path]
