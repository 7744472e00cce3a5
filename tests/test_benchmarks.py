import dataclasses
import importlib.util
import json
import re

import numpy as np
import pytest

from benchmarks import record, tables
from benchmarks.music.filtering import examples as filter_examples
from benchmarks.record import Readings, Record
from benchmarks.timing.lateness import late
from stream.compose.filter.entropy import FEATURES, features

CALL = "python -m benchmarks.x --corpus folk=corpora/where/tunes.npz --minutes 5"
COMMAND = r"python -m ([\w.]+)"
PAGE = """# x

| system | set | measure | value | sd | n | beside |
| --- | --- | --- | --- | --- | --- | --- |
| ours | a set | start | 0.251 s | 0.0312 | 7 | at most 0.6 |
| theirs | a set | notes | 12,345 |  | 1 |  |
"""


@pytest.fixture
def published(tmp_path, monkeypatch, capsys):
    """Return the folder and the records of a published benchmark, and the last printed line."""
    arguments = ["x", "--corpus", "folk=/some/where/tunes.npz", "--minutes", "5"]
    monkeypatch.setattr("sys.argv", arguments)
    records = [
        Record("ours", "a set", "start", "s", 0.2512, 0.03123, 7, "at most 0.6"),
        Record("theirs", "a set", "notes", "", 12345),
    ]
    record.publish("x", records, tmp_path)
    last = capsys.readouterr().out.splitlines()[-1]
    return tmp_path, records, last


def test_records_are_stored_with_their_command(published):
    folder, records, last = published
    written = json.loads((folder / "x.json").read_bytes())
    assert written == [{**dataclasses.asdict(r), "command": CALL} for r in records]
    assert json.loads(last) == written == record.read("x", folder)


def test_the_page_is_made_of_the_same_records(published):
    assert (published[0] / "x.md").read_text() == f"{PAGE}\nMade by `{CALL}`.\n"


def test_tables_are_filled_in_place_and_again_to_the_same_text(published):
    text = "before\n<!-- table x -->\nold figures\n<!-- end -->\nafter\n"
    once = tables.fill(text, published[0])
    rows = PAGE.partition("\n\n")[2].strip()
    assert once == f"before\n<!-- table x -->\n{rows}\n\n`{CALL}`\n<!-- end -->\nafter\n"
    assert tables.fill(once, published[0]) == once


def test_readings():
    readings = Readings((4.0, 1.0, 3.0, 2.0))
    assert (readings.mean, readings.median) == (2.5, 2.5)
    assert readings.sd == pytest.approx(1.2910, abs=1e-4)
    assert [readings.quantile(q) for q in (0.0, 0.25, 0.5, 0.51, 0.99, 1.0)] == [1, 1, 2, 3, 4, 4]
    assert Readings((4.0,)).sd is None


def test_figures_keep_three_digits():
    values = (None, 0.12345, 12.345, 123.456, 12345.6, 16, 0.0)
    assert [record.figure(v) for v in values] == ["", "0.123", "12.3", "123", "12,346", "16", "0"]


def test_only_messages_that_begin_a_note_can_be_late():
    found = late([1.0, 2.0, 2.0], [1.001, 2.002, 2.003], [True, False, True])
    assert found.values == pytest.approx((1.0, 3.0))


def test_a_rated_clip_is_read_as_its_highest_line_without_drums(tmp_path):
    scale, bass, drum = np.arange(60, 84), np.full(24, 36), np.full(24, 42)
    times = np.arange(24) / 2
    np.savez(
        tmp_path / "clips_computer.npz",
        pitch=np.concatenate([scale, bass, drum] * 2),
        onset_seconds=np.concatenate([times] * 6),
        duration_seconds=np.full(144, 0.5),
        channel=np.concatenate([np.zeros(24), np.ones(24), np.full(24, 9)] * 2),
        clip_start=[0, 72, 144],
        mean_rating=[2.5, 3.5],
    )
    found, ratings = filter_examples.clips(tmp_path)
    alone = features([(scale, np.full(24, 12))])[0]
    np.testing.assert_array_equal(found, [alone, alone])
    assert ratings.tolist() == [2.5, 3.5]
    assert found.shape[1] == len(FEATURES)


def published_modules():
    """Return the modules that `python -m` starts in the commands of all results and pages."""
    commands = {
        document["command"]
        for path in record.RESULTS.glob("*.json")
        for document in record.read(path.stem)
    }
    pages = [path.read_text(encoding="utf-8") for path in record.RESULTS.glob("*.md")]
    return sorted({name for text in (*commands, *pages) for name in re.findall(COMMAND, text)})


@pytest.mark.parametrize("module", published_modules())
def test_every_published_command_starts_a_module_that_exists(module):
    assert importlib.util.find_spec(module)
