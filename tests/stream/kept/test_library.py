import errno
import os

import pytest

from stream.errors import RecordingError, SettingsError
from stream.kept import json_file
from stream.kept.favourites import MOST, Favourites
from stream.kept.library import Library
from stream.kept.stars import Stars
from stream.music.favourite import Favourite
from tests.stream.kept.kept_tunes import LATENT, keep


def test_kept_tunes_are_listed_with_what_is_known_of_them(tmp_path):
    library = Library(keep(tmp_path, 0, 4))
    (library.folder / "0009-other.mid").write_bytes(b"MThd")
    (library.folder / "notes.txt").touch()
    second, first = library.tunes()
    assert [tune.name for tune in (first, second)] == [
        "0001-jig-in-D-major.mid",
        "0002-jig-in-D-major.mid",
    ]
    told = second.document()
    assert told.pop("time") > 1e9
    assert told == {
        "name": "0002-jig-in-D-major.mid", "number": 2, "title": "jig in D major, 6/8",
        "style": "folk", "key": "D major", "meter": "6/8", "bpm": 112.0, "seconds": 19.3,
        "whole": True, "voice": "commons", "seed": 1, "stars": 4,
    }  # fmt: skip
    library.delete(second.name)
    assert [tune.name for tune in library.tunes()] == [first.name]
    assert Stars(library.folder).all() == {}


@pytest.mark.parametrize(
    "name", ["../kept/0001-jig-in-D-major.mid", "0007-none.mid", "stars.json", "", "/etc/passwd"]
)
def test_only_kept_tunes_are_found_and_deleted(tmp_path, name):
    library = Library(keep(tmp_path, 5))
    for action in (library.path_of, library.delete):
        with pytest.raises(RecordingError, match="not found; 'perpetuum kept' lists them"):
            action(name)
    assert len(library.tunes()) == 1


def test_a_folder_that_is_missing_has_no_tunes(tmp_path):
    assert Library(tmp_path / "none").tunes() == []


def test_what_can_only_be_read_is_told(tmp_path, monkeypatch):
    library = Library(keep(tmp_path, 0))

    def unlink(_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("pathlib.Path.unlink", unlink)
    with pytest.raises(RecordingError, match=r"cannot be deleted \(Read-only file system\)"):
        library.delete(library.tunes()[0].name)


def test_favourites_are_few_stored_and_removed(tmp_path):
    library = Library(keep(tmp_path, 0))
    (tune,) = library.tunes()
    own = Favourites(library.folder)
    own.put(tune.name, tune.facts)
    assert Favourites(library.folder).all() == (Favourite("jig in D major, 6/8", "folk", LATENT),)
    for number in range(1, MOST):
        own.put(f"{number}", tune.facts)
    with pytest.raises(SettingsError, match=f"{MOST} tunes are favourites; remove one first"):
        own.put("one more", tune.facts)
    own.remove(tune.name)
    own.remove("unknown")
    assert tune.name not in own.names()
    assert len(own.all()) == MOST - 1


def test_a_tune_without_a_latent_point_is_no_favourite(tmp_path):
    library = Library(keep(tmp_path, 0, latent=""))
    (tune,) = library.tunes()
    with pytest.raises(SettingsError, match="has no latent space"):
        Favourites(library.folder).put(tune.name, tune.facts)


@pytest.mark.parametrize("text", ["", "[]", '{"0001-x.mid": 7}', '{"x": {"title": "\\n"}}', "\0"])
def test_damaged_files_are_as_empty_ones(tmp_path, text):
    (tmp_path / "stars.json").write_text(text)
    (tmp_path / "favourites.json").write_text(text)
    assert (Stars(tmp_path).all(), Favourites(tmp_path).all()) == ({}, ())
    Stars(tmp_path).put("0001-x.mid", 3)
    assert json_file.read(tmp_path / "stars.json") == {"0001-x.mid": 3}
