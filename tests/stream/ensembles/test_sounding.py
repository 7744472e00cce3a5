import pytest

from stream.config.part_changes import parse_parts
from stream.ensembles.ensemble import load, names
from stream.ensembles.sounding import SoundingPart, parts_of
from stream.music.note import Note, Phrase
from stream.play.queue.routing import routed


def phrase(ensemble, roles=("lead",), channels=()):
    notes = tuple(Note(0, 12, 60, 80, channel) for channel in channels)
    return Phrase(notes, 192, 120.0, 0, 0, "folk", "commons", 1, ensemble=ensemble, roles=roles)


def parts(name, changes="", channels=()):
    ensemble = routed(load(name), ("lead",), parse_parts(changes))
    return parts_of(phrase(name, channels=channels), ensemble, changes)


@pytest.mark.parametrize("name", names())
def test_the_parts_are_those_of_the_ensemble(name):
    channels = [part.channel - 1 for part in load(name).parts.values()]
    assert parts(name, channels=channels) == tuple(
        SoundingPart(part.role, part.channel - 1, part.program, part.level, part.pan)
        for part in load(name).parts.values()
    )


def test_the_listener_silences_and_moves_parts():
    found = {part.role: part for part in parts("band", "bass=off,drums=2,tenor=off")}
    assert list(found) == ["lead", "harmony", "comping", "bass", "drums"]
    assert [part.role for part in found.values() if part.silent] == ["bass"]
    assert (found["drums"].channel, found["drums"].program) == (1, 1)


def test_a_part_without_notes_rests():
    assert [part.role for part in parts("song", channels=[0]) if part.rests] == ["comping"]


def test_without_an_ensemble_the_voice_has_its_own_parts():
    assert parts_of(phrase("", ("lead", "", "bass")), None) == (
        SoundingPart("lead", 0),
        SoundingPart("bass", 2),
    )


def test_a_file_that_is_gone_and_invalid_changes_count_as_none(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[parts.lead]\n[parts.bass]\ncompanion = "bass"\n')
    ensemble = routed(load(str(path)), ("lead",), {"bass": 0})
    path.unlink()
    for changes in ("bass=off", "tuba=off"):
        found = parts_of(phrase(str(path), channels=[0]), ensemble, changes)
        assert found == (SoundingPart("lead", 0, 1),)
