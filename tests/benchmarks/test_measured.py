"""Pages are stale once a voice or a script behind them has changed."""

import json

import pytest

from benchmarks import measured, record, tables
from benchmarks.record import Record
from stream.voices.spec import load_bytes, read_spec, replace_spec
from tests.benchmarks.music.tunes import OUTLINED, TINY

CODE = '''
"""A script."""
def f(x):
    """Return it."""
    return x  # as it is
LIMIT = 3
"""The most."""
'''


def test_comments_and_docstrings_are_no_change_of_a_script():
    other = CODE.replace("  # as it is", "").replace("Return it.", "Give it back.")
    other = other.replace("The most.", "The largest.")
    assert measured.of_script(other) == measured.of_script(CODE)
    assert measured.of_script(CODE.replace("return x", "return -x")) != measured.of_script(CODE)


def test_a_voice_is_what_it_plays_and_its_description(tmp_path):
    spec, path = read_spec(TINY), tmp_path / "voice.onnx"
    first = measured.of_voice(TINY)
    assert first != measured.of_voice(OUTLINED)
    for described, alike in (({"source": "later"}, True), ({"name": "other"}, False)):
        fields = {name: getattr(spec, name) for name in spec.__slots__} | described
        path.write_bytes(replace_spec(load_bytes(TINY), type(spec)(**fields)))
        assert (measured.of_voice(path) == first) is alike


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page of a script whose voice is one of ours, measured now."""
    monkeypatch.setattr(measured, "VOICES", tmp_path)
    monkeypatch.setattr(measured, "MEASURED", {"compose": ("tiny.onnx",)})
    monkeypatch.setattr("sys.argv", ["compose"])
    (tmp_path / "tiny.onnx").write_bytes(TINY.read_bytes())
    record.publish(
        "compose", [Record("ours", "here", "speed", "", 3, paper="at least 4")], tmp_path
    )
    return tmp_path / "compose.md"


def test_a_page_is_marked_until_it_is_measured_again(page):
    fresh = page.read_text(encoding="utf-8")
    assert "at least 4 (missed)" in fresh
    assert tables.refresh(page.parent) == []
    assert page.read_text(encoding="utf-8") == fresh
    (page.parent / "tiny.onnx").write_bytes(OUTLINED.read_bytes())
    for _ in range(2):
        assert tables.refresh(page.parent) == ["compose"]
        assert page.read_text(encoding="utf-8").splitlines()[2] == (
            "*Stale: tiny.onnx changed since.*"
        )
    assert "*Stale: tiny.onnx changed since.*" in tables.table("compose", page.parent)
    measured.note("compose", page.parent)
    assert tables.refresh(page.parent) == []
    assert page.read_text(encoding="utf-8") == fresh


def test_pages_of_before_get_their_marks(page):
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(" (missed)", ""), encoding="utf-8")
    tables.refresh(page.parent)
    assert page.read_text(encoding="utf-8") == text
    # A row that is none of the records stays as it is.
    other = text.replace("| ours | here |", "| ours | there |").replace(" (missed)", "")
    page.write_text(other, encoding="utf-8")
    tables.refresh(page.parent)
    assert page.read_text(encoding="utf-8") == other


def test_a_page_without_fingerprints_is_stale(page):
    (page.parent / "measured" / "compose.json").unlink()
    assert tables.refresh(page.parent) == ["compose"]
    assert json.loads(page.with_suffix(".json").read_bytes())


def test_the_marks_of_all_pages_are_in_force():
    for path in sorted(record.RESULTS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert record.refreshed(text, record.read(path.stem)) == text, "make tables"
        different = measured.changed(path.stem, record.RESULTS)
        assert (tables.STALE in text) is bool(different), f"{path.name}: make tables"
