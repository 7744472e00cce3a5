"""Which ensembles a replay opens: shipped ones, and the file that is given."""

import pytest

from stream.commands.recorded_players import Players
from stream.ensembles.ensemble import load
from stream.errors import SettingsError
from stream.music.note import Controls, Phrase, PhraseRequest

PHRASE = Phrase((), 192, 120.0, 0, 0, "", "", 0)


def requested(players, name, digest=""):
    request = PhraseRequest(0, 0, 1, controls=Controls(ensemble=name))
    return players.request(request, digest).controls.ensemble


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('title = "One"\n[parts.lead]\n')
    return str(path)


def test_shipped_ensembles_are_opened_by_name():
    players = Players(None)
    assert [requested(players, name) for name in ("", "jazz")] == ["", "jazz"]
    with pytest.raises(SettingsError, match="'/etc/passwd': not a shipped ensemble"):
        requested(players, "/etc/passwd")


def test_the_file_that_is_given_plays_for_its_digest_and_for_other_files(file):
    players = Players(file)
    assert requested(players, "elsewhere.toml") == file
    assert requested(players, "jazz") == "jazz"
    assert requested(players, "jazz", load(file).digest) == file


def test_changed_ensembles_are_told(file):
    players = Players(file)
    for name, digest in (("jazz", load("jazz").digest), ("folk", "ab"), ("own.toml", "cd")):
        source = Phrase((), 192, 120.0, 0, 0, "", "", 0, ensemble=name)
        assert players.source(source, digest).ensemble == (file if name == "own.toml" else name)
    assert list(players.changed()) == [
        ("folk", "ab", load("folk").digest),
        ("own.toml", "cd", load(file).digest),
    ]
