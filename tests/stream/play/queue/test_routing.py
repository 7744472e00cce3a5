"""Each part on its own instrument: channels, ranges, silence and sounds."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import load, names
from stream.ensembles.library import Ensembles
from stream.music.note import Controls, Note, Phrase
from stream.music.part import COMPANION_PARTS, DRUMS, LEAD, ROLES
from stream.play.observer import Slot
from stream.play.queue.arrange import arranged
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.queue.routing import on_channels, role_of, route, routed
from stream.play.timing.instrument_messages import setup_messages
from stream.play.timing.scheduler import timeline
from stream.profiles.profile import Profile

MONO = Profile(name="Mono", channel=5, polyphony=1, low=24, high=60)
POLY = Profile(name="Poly", channel=5)


def phrase(ensemble, roles=(LEAD,), notes=None):
    """A note of each of these parts, or of all parts of a band."""
    parts = [0, *COMPANION_PARTS.values()] if notes is None else notes
    made = tuple(
        Note(12 * n, 12, 60 if part != 9 else 36, 80, part) for n, part in enumerate(parts)
    )
    return Phrase(made, 192, 120.0, 0, 0, "s", "v", 1, ensemble=ensemble, roles=roles)


def played(source, controls=None, profile=None):
    """Channel (1-16) and pitch of each note that sounds."""
    controls = controls or Controls()
    ensemble = route(source, controls, profile, Ensembles())
    sound = arranged(source, 0, source.length, controls, profile, ensemble)
    return [(note.channel + 1, note.pitch) for note in sound.notes]


def test_parts_play_on_the_channels_of_the_ensemble():
    # Jazz has no harmony, alto and tenor: they are silent. The bass is in its range.
    assert sorted(played(phrase("jazz"))) == [(1, 60), (3, 60), (4, 48), (10, 36)]
    assert sorted(played(phrase("ambient"))) == [(1, 60), (3, 60), (4, 48)]


def test_without_an_ensemble_nothing_changes():
    source = phrase("")
    assert played(source, Controls(transpose=2)) == [
        (note.channel + 1, note.pitch + 2) for note in source.notes
    ]


def test_a_part_that_rests_is_silent_and_keeps_its_sound():
    resting = dataclasses.replace(phrase("jazz"), silent=("bass",))
    assert sorted(played(resting)) == [(1, 60), (3, 60), (10, 36)]
    one, other = (route(each, Controls(), None, Ensembles()) for each in (phrase("jazz"), resting))
    assert setup_messages(other, one) == setup_messages(one, other) == ()


def test_drums_are_not_transposed():
    controls = Controls(transpose=5, scale="C major", low=50, high=70)
    found = dict(played(phrase("jazz"), controls))
    assert found[10] == 36
    assert found[1] == 65


def test_the_changes_silence_and_move_parts():
    controls = Controls(parts="bass=off,drums=2,comping=10")
    assert sorted(played(phrase("jazz"), controls)) == [(1, 60), (2, 36), (10, 60)]


def test_the_lead_voice_has_its_own_parts():
    roles = (LEAD, "alto", "tenor", "bass")
    assert played(phrase("solo", roles, [0, 1, 2, 3])) == [(1, 60), (2, 60), (3, 60), (4, 60)]
    assert played(phrase("solo", (LEAD, "", "", ""), [0, 1, 2, 3])) == [(1, 60)]
    # Channel 3 is that of the piano: the bass of the voice plays beside it.
    found = played(phrase("song", (LEAD, "harmony", "bass"), [0, 1, 2, 5]))
    assert found == [(1, 60), (2, 60), (4, 60), (3, 60)]


def test_a_synthesizer_of_one_voice_gets_one_line():
    assert {channel for channel, _ in played(phrase("band"), profile=MONO)} == {5}
    assert len(played(phrase("band"), profile=MONO)) == 1


def test_pitched_parts_play_on_a_synthesizer_with_its_sounds():
    found = played(phrase("band"), profile=POLY)
    assert {channel for channel, _ in found} == {5}
    assert len(found) == 4
    moved = played(phrase("band"), Controls(parts="drums=10,bass=2"), POLY)
    assert sorted(moved) == [(2, 48), (5, 60), (5, 60), (5, 60), (10, 36)]
    ensemble = route(phrase("band"), Controls(parts="drums=10"), POLY, Ensembles())
    assert setup_messages(ensemble) == ()


def test_channels_alone_leave_the_companions_where_they_are():
    found = played(phrase("jazz"), profile=Profile(parts=(7, 2, 3, 4)))
    assert sorted(found) == [(3, 60), (4, 48), (7, 60), (10, 36)]
    ensemble = route(phrase("jazz"), Controls(), Profile(parts=(7, 2, 3, 4)), Ensembles())
    assert setup_messages(ensemble)[0].dict()["channel"] == 6


def test_a_file_that_is_gone_leaves_the_composed_channels(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("title = 'Mine'\n[parts.lead]\nchannel = 3\n")
    ensembles = Ensembles()
    assert ensembles.named(str(path)).parts[LEAD].channel == 3
    path.unlink()
    assert ensembles.named(str(path)).parts[LEAD].channel == 3
    assert Ensembles().named(str(path)) is None
    assert ensembles.named("") is None


@given(
    name=st.sampled_from(names()),
    own=st.integers(1, 4),
    changes=st.dictionaries(st.sampled_from(ROLES), st.integers(0, 16)),
    profile=st.sampled_from([None, MONO, POLY, Profile(parts=(1, 2, 3, 4))]),
)
def test_what_sounds_is_on_a_channel_and_in_a_range(name, own, changes, profile):
    roles = (LEAD, "alto", "tenor", "bass")[:own]
    source = phrase(name, roles, list(range(10)))
    ensemble = routed(load(name), roles, changes, profile)
    sound = on_channels(source, ensemble, profile)
    assert len(sound.notes) <= len(source.notes)
    assert all(0 <= note.channel <= 15 for note in sound.notes)
    channels = {note.channel + 1 for note in sound.notes}
    assert channels <= {part.channel for part in ensemble.parts.values()}
    for role, channel in changes.items():
        assert (role in ensemble.parts) <= (channel > 0)
    if not changes and profile is None:
        found = [part.channel for part in ensemble.parts.values()]
        assert len(set(found)) == len(found)


def test_roles_of_parts():
    assert [role_of(part, (LEAD, "")) for part in range(10)] == [
        LEAD, "", LEAD, LEAD, "harmony", "comping", "bass", "alto", "tenor", DRUMS,
    ]  # fmt: skip


def described(messages):
    """Channel, controller and value of each message, or channel and program."""
    return [
        (m.channel + 1, m.program + 1)
        if m.type == "program_change"
        else (m.channel + 1, m.control, m.value)
        for m in messages
    ]


def test_each_part_gets_its_sound():
    jazz = routed(load("jazz"), (LEAD,), {})
    assert described(setup_messages(jazz)) == [
        (1, 67), (1, 7, 100), (1, 10, 58),
        (3, 1), (3, 7, 80), (3, 10, 78),
        (4, 33), (4, 7, 96), (4, 10, 60),
        (10, 41), (10, 7, 76), (10, 10, 50),
    ]  # fmt: skip
    assert setup_messages(jazz, jazz) == ()
    assert setup_messages(None, jazz) == ()


def test_only_what_changes_is_sent():
    song, jazz = load("song"), load("jazz")
    channels = {message.channel for message in setup_messages(song, jazz)}
    assert channels == {0, 2}
    same = dataclasses.replace(jazz, parts={**jazz.parts, LEAD: song.parts[LEAD]})
    assert {message.channel for message in setup_messages(same, jazz)} == {0}


def test_a_kit_is_a_program_of_the_drum_channel_only():
    moved = routed(load("jazz"), (LEAD,), {DRUMS: 2, "comping": 10})
    programs = {m.channel: m.program for m in setup_messages(moved) if m.type == "program_change"}
    assert programs == {0: 66, 3: 32}


def test_parts_on_one_channel_have_the_sound_of_the_first():
    moved = routed(load("jazz"), (LEAD,), {"bass": 1})
    assert described(setup_messages(moved))[:3] == [(1, 67), (1, 7, 100), (1, 10, 58)]
    assert {m.channel for m in setup_messages(moved)} == {0, 2, 9}


def test_the_sounds_come_before_the_first_note_and_know_their_parts():
    source = phrase("jazz")
    ensemble = route(source, Controls(), None, Ensembles())
    sound = arranged(source, 0, 192, Controls(), None, ensemble)
    messages = timeline(sound, 1.0, ensemble).messages
    kinds = [timed.message.type for timed in messages]
    assert kinds[:3] == ["set_tempo", "time_signature", "marker"]
    assert kinds[3:15] == ["program_change", "control_change", "control_change"] * 4
    assert kinds[15] == "note_on"
    assert {timed.roles for timed in messages} == {(), (LEAD,), ("comping",), ("bass",), (DRUMS,)}
    assert [
        t.roles for t in messages if t.message.type == "note_on" and t.message.channel == 9
    ] == [(DRUMS,)]


@pytest.mark.parametrize(
    ("order", "programs"),
    [("solo solo solo", 1), ("solo jazz jazz", 5), ("jazz solo jazz", 9)],
)
def test_a_queue_sets_up_each_change_of_the_ensemble(order, programs):
    queue = PhraseQueue()
    for name in order.split():
        append(queue, name)
    kinds = [timed.message.type for timed in queue.messages]
    assert kinds.count("program_change") == programs


def append(queue, name):
    source = phrase(name)
    ensemble = route(source, Controls(), None, Ensembles())
    sound = arranged(source, 0, 192, Controls(), None, ensemble)
    slot = Slot(sound, 0.0, 0.0, source=source, finish=192, controls=Controls(), ensemble=ensemble)
    queue.append(sound, slot, earliest=0.0)


def test_a_level_is_the_volume_of_its_channel():
    usual, softer = (
        route(phrase("jazz"), Controls(parts=parts), None, Ensembles())
        for parts in ("", "bass=50%,lead=150%,tenor=20%")
    )
    assert softer.parts["bass"].level == round(usual.parts["bass"].level / 2)
    assert softer.parts["lead"].level == 127
    assert softer.parts["drums"] == usual.parts["drums"]
    # No program is sent again: it would end the notes that sound.
    values = {(m.channel, m.control): m.value for m in setup_messages(softer, usual)}
    assert values == {
        (part.channel - 1, 7): part.level for role, part in softer.parts.items() if role != "drums"
        and part != usual.parts[role]
    }  # fmt: skip
    assert played(phrase("jazz"), Controls(parts="bass=50%")) == played(phrase("jazz"))


def test_a_level_is_the_velocity_where_the_synthesizer_has_its_own_sounds():
    source, controls = phrase("band"), Controls(parts="bass=50%,comping=0%")
    ensemble = route(source, controls, POLY, Ensembles())
    assert setup_messages(ensemble) == ()
    sound = arranged(source, 0, source.length, controls, POLY, ensemble)
    usual = arranged(source, 0, source.length, Controls(), POLY, ensemble)
    assert len(sound.notes) == len(usual.notes) - 1
    softer = {note.onset: note.velocity for note in sound.notes}
    halved = [n for n in usual.notes if softer.get(n.onset) == round(n.velocity / 2)]
    assert [note.pitch for note in halved] == [48]
