"""Performed phrases on synthesizers of few voices: no note is stuck, doubled or one too many."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import load
from stream.music.note import Note, Phrase
from stream.play.queue.arrange import arranged
from stream.play.queue.routing import routed
from stream.play.timing.scheduler import timeline
from stream.profiles.fit import fitted
from stream.profiles.profile import Profile
from tests.stream.play.expression.test_perform import CONTROLS, phrases

PROFILES = st.builds(
    Profile,
    name=st.sampled_from(["", "Poly"]),
    channel=st.just(5),
    polyphony=st.integers(1, 3),
    mono=st.just(""),
    low=st.sampled_from([0, 48]),
)


@given(phrases(), CONTROLS, PROFILES)
def test_no_more_notes_than_voices(source, controls, profile):
    ensemble = routed(load(source.ensemble), source.roles, {}, profile)
    phrase = arranged(source, 0, source.length, controls, profile, ensemble)
    own = set(profile.channels)
    sounding = Counter()
    for timed in timeline(phrase, 1.0).messages:
        message = timed.message
        if message.type == "note_on":
            key = message.channel, message.note
            assert not sounding[key], "doubled"
            sounding[key] += 1
            if message.channel in own:
                together = sum(n for (channel, _), n in sounding.items() if channel in own)
                assert together <= profile.polyphony
        elif message.type == "note_off":
            sounding[message.channel, message.note] -= 1
    assert not any(sounding.values())


def test_a_joined_note_overlaps_the_performed_onset_of_the_next():
    notes = Note(0, 48, 60, release=-15), Note(48, 48, 62, offset=-20), Note(96, 48, 64, offset=9)
    phrase = Phrase(notes, 192, 120.0, 0, 0, "s", "v", 1)
    for mono, ends in (("legato", [480 - 20 + 10, 960 + 9 + 10, 1440]), ("gap", [410, 919, 1440])):
        profile = Profile(polyphony=1, mono=mono, gap=52.0)
        played = fitted(phrase, profile).notes
        assert [note.played_onset for note in played] == [0, 460, 969]
        assert [note.played_end for note in played] == ends
