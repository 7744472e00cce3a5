"""The folder of own styles, and the voice that they stand in."""

import pytest

from stream.errors import SettingsError, VoiceError
from stream.own_styles.library import Library, digests, read_styled, styles_folder
from tests.stream.compose.conftest import OUTLINED, TINY
from tests.stream.own_styles.own_styles import own_style


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Library()


def test_it_lies_in_the_folder_of_the_account(library, tmp_path):
    assert library.folder == tmp_path / "perpetuum" / "styles" == styles_folder()
    assert library.names() == []


def test_a_style_is_found_renamed_and_deleted(library):
    library.write(own_style())
    assert library.names() == ["mine"]
    library.rename("mine", "yours", frozenset())
    assert library.read("yours").name == "yours"
    library.delete("yours")
    assert library.names() == []


def test_a_shared_style_is_added_under_any_free_name(library, tmp_path):
    path = library.write(own_style())
    shared = tmp_path / "shared.style.json"
    shared.write_bytes(path.read_bytes())
    with pytest.raises(SettingsError, match="taken"):
        library.add(shared, None, frozenset())
    with pytest.raises(SettingsError, match="taken"):
        library.add(shared, "folk", frozenset({"folk"}))
    library.add(shared, "theirs", frozenset())
    assert library.names() == ["mine", "theirs"]


@pytest.mark.parametrize("name", ["", "../x", "A B", "x" * 41, "-x", "a/b"])
def test_a_strange_name_is_refused(library, name):
    with pytest.raises(SettingsError, match="give small letters"):
        library.path_of(name)


def test_an_unknown_style_is_told_with_the_nearest(library):
    library.write(own_style())
    with pytest.raises(SettingsError, match="did you mean 'mine'"):
        library.read("mina")


def test_it_stands_beside_the_styles_of_its_voice(library):
    library.write(own_style())
    assert set(read_styled(OUTLINED).styles) == {"even", "odd", "mine"}
    assert "mine" not in read_styled(TINY).styles
    assert digests(OUTLINED) == {"mine": library.read("mine").style.digest}


def test_a_style_of_the_voice_keeps_its_name(library):
    library.write(own_style("even"))
    assert digests(OUTLINED) == {}


def test_a_damaged_file_leaves_the_others(library):
    library.write(own_style())
    library.path_of("broken").write_text("{")
    assert set(read_styled(OUTLINED).styles) == {"even", "odd", "mine"}
    with pytest.raises(VoiceError):
        library.read("broken")
