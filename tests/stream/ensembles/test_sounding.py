from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import load, names
from stream.ensembles.sounding import SoundingPart, parts_of
from stream.music.note import Controls, Phrase


def phrase(ensemble, roles=()):
    return Phrase((), 192, 120.0, 0, 0, "folk", "commons", 1, ensemble=ensemble, roles=roles)


@given(st.sampled_from(names()))
def test_the_parts_are_those_of_the_ensemble(name):
    assert [
        (part.role, part.channel + 1, part.program, part.level, part.pan, part.silent)
        for part in parts_of(phrase(name))
    ] == [
        (part.role, part.channel, part.program, part.level, part.pan, False)
        for part in load(name).parts.values()
    ]


def test_the_listener_silences_and_moves_parts():
    parts = {
        part.role: part for part in parts_of(phrase("band"), Controls(parts="bass=off,drums=2"))
    }
    assert (parts["bass"].silent, parts["bass"].channel) == (True, 3)
    assert (parts["drums"].silent, parts["drums"].channel) == (False, 1)
    assert parts["lead"] == SoundingPart("lead", 0, 28, 102, 56)


def test_without_an_ensemble_the_voice_has_its_own_parts():
    assert parts_of(phrase("", ("lead", "", "bass"))) == (
        SoundingPart("lead", 0),
        SoundingPart("bass", 2),
    )


def test_what_cannot_be_read_counts_as_none(tmp_path):
    assert parts_of(phrase(str(tmp_path / "gone.toml"), ("lead",))) == (SoundingPart("lead", 0),)
    assert not any(part.silent for part in parts_of(phrase("band"), Controls(parts="tuba=off")))
