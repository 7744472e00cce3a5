"""The band composes the parts that the ensemble names, and a part that fails costs itself only."""

import dataclasses
import shutil

import pytest

from stream.compose.companions import store
from stream.compose.companions.band import Band
from stream.compose.composer import Composer
from stream.errors import SettingsError
from stream.music.controls import Controls
from stream.music.note import phrase_from_json, request_from_json, to_json
from stream.music.stream_position import opening
from tests.stream.compose.companions.toy import ToyKind
from tests.stream.compose.conftest import DATA, LEAD, TINY

DRUMMER = """
title = "A line and a drum"
[parts.lead]
program = 74
[parts.drums]
companion = "drums"
style = "loud"
calm = "tacet"
[parts.harmony]
companion = "harmony"
"""
WALKER = """
title = "A line and a bass"
[parts.lead]
program = 74
[parts.bass]
companion = "walking-bass"
"""


@pytest.fixture
def composer_of(monkeypatch, tmp_path):
    """Return a composer whose drums are the toy companion and who has no other trained ones."""
    monkeypatch.setattr(store, "kind_named", lambda _: ToyKind())
    shutil.copy(DATA / "tiny_companion.onnx", tmp_path / "drums.onnx")

    def composer(voice=TINY):
        found = Composer(voice)
        found.band = Band(tmp_path)
        return found

    return composer


@pytest.fixture
def ensemble(tmp_path):
    def written(text):
        path = tmp_path / "some.toml"
        path.write_text(text)
        return str(path)

    return written


def stream(composer, phrases, **controls):
    """Return the requests and the phrases of a stream."""
    position, found = opening(5, Controls(**{"candidates": 4, "arc": 0.0, **controls})), []
    for _ in range(phrases):
        phrase = composer.compose(position.request)
        found.append((position.request, phrase))
        position = position.after(phrase)
    return found


def channels(phrase):
    return {note.channel for note in phrase.notes}


def test_the_first_phrase_stays_alone_and_the_others_have_drums(composer_of, ensemble):
    found = stream(composer_of(), 6, ensemble=ensemble(DRUMMER))
    assert channels(found[0][1]) == {0}
    assert all(9 in channels(phrase) for _, phrase in found[1:])
    for _, phrase in found[2:]:
        assert phrase.roles == ("lead",)
        assert [role for role, _ in phrase.companions] == ["drums"]
        assert phrase.failed == ("harmony",)
        assert all(note.end <= phrase.length for note in phrase.notes)


def test_the_lead_does_not_hear_the_band(composer_of, ensemble):
    alone = stream(composer_of(), 8)
    played = stream(composer_of(), 8, ensemble=ensemble(DRUMMER))
    for (_, one), (_, other) in zip(alone, played, strict=True):
        assert one.notes == tuple(n for n in other.notes if n.channel == 0)
        assert (one.verdict, one.length) == (other.verdict, other.length)


def test_a_restarted_composer_gives_the_same_phrase(composer_of, ensemble):
    playing = composer_of()
    for request, _ in stream(composer_of(), 6, ensemble=ensemble(DRUMMER)):
        sent = dataclasses.replace(request_from_json(to_json(request)), parent=-1)
        phrase, again = playing.compose(sent), composer_of().compose(sent)
        assert again == phrase
        assert phrase_from_json(to_json(phrase)) == phrase
        recreated = composer_of().recreate(sent, phrase.verdict.chosen)
        assert (recreated.notes, recreated.companions) == (phrase.notes, phrase.companions)


def test_a_calm_part_is_tacet(composer_of, ensemble):
    found = stream(composer_of(), 4, ensemble=ensemble(DRUMMER), energy=0.1)
    assert all(channels(phrase) == {0} for _, phrase in found)
    assert all(phrase.energy == 0.1 for _, phrase in found)


def test_rules_use_the_chords_of_a_lead_sheet(composer_of, ensemble):
    found = stream(composer_of(LEAD), 5, ensemble=ensemble(WALKER))
    for _, phrase in found[1:]:
        assert phrase.roles == ("lead", "", "")
        assert 6 in channels(phrase)
        assert not phrase.failed


def test_an_unknown_ensemble_is_refused(composer_of):
    with pytest.raises(SettingsError, match="ensemble 'orchestra': unknown; known are"):
        stream(composer_of(), 1, ensemble="orchestra")
