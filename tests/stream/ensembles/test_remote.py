import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import names
from stream.ensembles.remote import RemoteEnsembles, described
from stream.errors import SettingsError

MINE = 'title = "Mine"\n[parts.lead]\n[parts.bass]\ncompanion = "bass"\n'


def test_the_shipped_ensembles_and_the_file_of_the_owner(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    documents = described([str(path)])
    assert [each["name"] for each in documents] == [*names(), str(path)]
    assert documents[-1] == {"name": str(path), "title": "Mine", "parts": ["lead", "bass"]}
    known = RemoteEnsembles()
    known.update({"ensembles": documents})
    assert known.requested("mine.toml") == str(path)
    assert described([""]) == documents[:-1]


@pytest.mark.parametrize("hello", [{}, {"ensembles": 5}, {"ensembles": [3, {}, {"name": 1}]}])
def test_the_shipped_ones_are_always_known(hello):
    known = RemoteEnsembles()
    known.update(hello)
    assert [known.requested(name) for name in ("", "JAZZ")] == ["", "jazz"]


@given(st.text() | st.sampled_from(["/etc/passwd", "band.toml", "./band", "~/x.toml"]))
def test_no_other_file_is_available(name):
    if not name or name.strip().casefold() in names():
        assert RemoteEnsembles().requested(name) in ("", *names())
        return
    with pytest.raises(SettingsError, match=r"\A[^\n]*not available[^\n]*\Z"):
        RemoteEnsembles().requested(name)
