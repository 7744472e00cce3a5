import json
from xml.etree import ElementTree as ET

import mido
import pytest

from stream.__main__ import main
from stream.kept.library import Library
from tests.stream.kept.kept_tunes import keep


@pytest.fixture
def folder(tmp_path):
    return keep(tmp_path, 0, 5)


def kept(folder, *arguments):
    return main(["kept", *map(str, arguments), "--kept", str(folder)])


def test_the_list_tells_number_length_stars_and_title(folder, capsys):
    assert kept(folder) == 0
    second, first = capsys.readouterr().out.splitlines()
    assert second.split()[0] == "2"
    assert "0:19  ★★★★★  folk: jig in D major, 6/8" in second
    assert "0:19         folk: jig in D major, 6/8" in first
    assert kept(folder, "list", "--json") == 0
    assert [tune["number"] for tune in json.loads(capsys.readouterr().out)] == [2, 1]


def test_a_tune_is_saved_for_other_programs(folder, tmp_path, capsys):
    for name in ("a.mid", "a.abc", "a.musicxml"):
        assert kept(folder, "save", 1, tmp_path / name) == 0
    assert mido.MidiFile(tmp_path / "a.mid").length == pytest.approx(19.3, abs=0.1)
    assert (tmp_path / "a.abc").read_text().startswith("X:1\nT:jig in D major, 6/8\n")
    assert "[P:A']" in (tmp_path / "a.abc").read_text()
    score = ET.fromstring((tmp_path / "a.musicxml").read_bytes())  # noqa: S314 (our own)
    assert len(score.findall("part/measure")) == 12
    capsys.readouterr()
    assert kept(folder, "save", 1, tmp_path / "a.abc") == 2
    assert "exists" in capsys.readouterr().err


def test_a_tune_is_printed_and_deleted(folder, capfdbinary):
    assert kept(folder, "print", "0002", "--as", "abc") == 0
    assert capfdbinary.readouterr().out.startswith(b"X:1\nT:jig")
    assert kept(folder, "delete", 2) == 0
    assert [tune.number for tune in Library(folder).tunes()] == [1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("play",), "kept play: unknown; give one of list, save, print, delete"),
        (("save", "7"), "kept save 7: give the number of a kept tune, 1 to 2"),
        (("delete",), "give the number of a kept tune, 1 to 2"),
        (("save", "1"), "kept save 1: name the file, such as tune.abc"),
        (("save", "1", "x.doc"), "name a file that ends in .abc, .musicxml or .pdf"),
        (("print", "1", "--as", "doc"), "--as doc: give one of mid, abc, musicxml"),
    ],
)
def test_mistakes_are_told_in_a_line(folder, capsys, arguments, told):
    assert kept(folder, *arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_an_empty_folder_is_said_to_be_so(tmp_path, capsys):
    assert kept(tmp_path) == 0
    assert capsys.readouterr().out == f"no tune is kept in {tmp_path} yet\n"
    assert kept(tmp_path, "delete", 1) == 2
