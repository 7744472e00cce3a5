"""What is kept is not made again, unless something else is asked for."""

import pytest

from benchmarks.support.resume import kept


def test_facts_are_made_once(tmp_path):
    made = []

    def make():
        made.append(len(made))
        return {"value": len(made)}

    path = tmp_path / "a" / "b.json"
    asked = [{"epochs": (n,)} for n in (1, 1, 2, 2)]
    assert [kept(path, one, make)["value"] for one in asked] == [1, 1, 2, 2]
    assert made == [0, 1]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"asked": {}}'])
def test_what_is_broken_is_made_again(text, tmp_path):
    path = tmp_path / "b.json"
    path.write_text(text)
    assert kept(path, {}, lambda: {"value": 1}) == {"value": 1}
    assert kept(path, {}, dict) == {"value": 1}
