"""Stored results are computed again only for another request."""

import pytest

from benchmarks.support.resume import cached


def test_a_result_is_computed_once_for_each_request(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return {"value": len(made)}

    path = tmp_path / "a" / "b.json"
    asked = [{"epochs": (n,)} for n in (1, 1, 2, 2)]
    assert [cached(path, one, make)["value"] for one in asked] == [1, 1, 2, 2]
    assert made == [0, 1]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"asked": {}}'])
def test_a_damaged_file_is_written_again(text, tmp_path):
    path = tmp_path / "b.json"
    path.write_text(text)
    assert cached(path, {}, lambda: {"value": 1}) == {"value": 1}
    assert cached(path, {}, dict) == {"value": 1}
