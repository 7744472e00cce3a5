import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from stream.errors import SettingsError
from stream.music.note import Note, Phrase
from stream.music.scale import folded
from stream.play.timing.scheduler import ON, timeline
from stream.profiles.fit import OVERLAP, control_changes, fitted, opening
from stream.profiles.profile import Bank, Profile, Velocity

LENGTH = 192


def phrase(*notes, bpm=120.0):
    return Phrase(notes, LENGTH, bpm, index=7, tune=1, style="folk", voice="v", seed=3)


def played(profile, *notes, bpm=120.0):
    """(onset, end, pitch) of what is left."""
    kept = fitted(phrase(*notes, bpm=bpm), profile).notes
    return [(n.onset, n.end, n.pitch) for n in kept]


def test_channel_range_and_velocity():
    profile = Profile(channel=3, low=40, high=60, velocity=Velocity(low=90, high=90))
    music = phrase(Note(0, 48, 61), Note(48, 48, 39, 20), Note(96, 96, 45, 127, 9))
    assert fitted(music, profile) == dataclasses.replace(
        music, notes=(Note(0, 48, 49, 90, 2), Note(48, 48, 51, 90, 2), Note(96, 96, 45, 90, 2))
    )


def test_the_default_profile_changes_nothing():
    music = phrase(Note(0, 96, 64), Note(0, 48, 60), Note(24, 24, 62))
    assert fitted(music, Profile()) == music


def test_the_oldest_ends_for_a_new_note():
    notes = [Note(0, 192, 50), Note(10, 182, 60), Note(20, 172, 55), Note(30, 20, 40)]
    assert played(Profile(polyphony=3), *notes) == [
        (0, 30, 50),
        (10, 192, 60),
        (20, 192, 55),
        (30, 50, 40),
    ]


def test_of_too_many_struck_together_the_highest_stay():
    notes = [Note(0, 24, pitch) for pitch in (48, 52, 55, 60)]
    assert played(Profile(polyphony=2), *notes) == [(0, 24, 60), (0, 24, 55)]


def test_a_note_struck_again_takes_no_second_voice():
    notes = [Note(0, 192, 50), Note(0, 192, 60), Note(48, 48, 60)]
    assert played(Profile(polyphony=2), *notes) == [(0, 48, 60), (0, 192, 50), (48, 96, 60)]


def test_of_one_pitch_struck_together_the_longest_stays():
    # Notes of two octaves that are folded into one.
    assert played(Profile(high=60), Note(0, 24, 72), Note(0, 48, 60)) == [(0, 48, 60)]


def test_notes_that_meet_are_joined():
    profile = Profile(polyphony=1, mono="legato")
    notes = [
        Note(0, 48, 60),
        Note(48, 24, 62),
        Note(96, 60, 64),
        Note(120, 24, 64),
        Note(144, 48, 60),
    ]
    assert played(profile, *notes) == [
        (0, 49, 60),
        (48, 72, 62),  # a rest follows
        (96, 120, 64),  # the same again
        (120, 145, 64),
        (144, 192, 60),
    ]


@pytest.mark.parametrize(("bpm", "ticks"), [(120.0, 1), (300.0, 3), (20.0, 1)])
def test_notes_that_meet_are_parted(bpm, ticks):
    profile = Profile(polyphony=1, mono="gap", gap=10)
    notes = [Note(0, 60, 60), Note(48, 24, 62), Note(96, 1, 64), Note(97, 95, 65)]
    assert played(profile, *notes, bpm=bpm) == [
        (0, 48 - ticks, 60),
        (48, 72, 62),
        (96, 97, 64),  # too short to part
        (97, 192 - ticks, 65),  # the next phrase may begin with a note
    ]


def test_joined_notes_overlap_on_the_wire():
    line = timeline(fitted(phrase(Note(0, 48, 60), Note(48, 48, 62)), MONO["legato"]), 0.0)
    assert [(t.order == ON, t.message.note) for t in line.messages if not t.message.is_meta] == [
        (True, 60),
        (True, 62),
        (False, 60),
        (False, 62),
    ]


MONO = {
    mono: Profile(polyphony=1, mono=mono, gap=20 * (mono == "gap")) for mono in ("legato", "gap")
}


@st.composite
def phrases(draw):
    notes = []
    for onset in draw(st.lists(st.integers(0, LENGTH - 1), max_size=24).map(sorted)):
        duration = draw(st.integers(1, LENGTH - onset))
        velocity = draw(st.integers(1, 127))
        notes.append(Note(onset, duration, draw(st.integers(0, 127)), velocity, onset % 16))
    return phrase(*notes, bpm=draw(st.floats(20, 300)))


@st.composite
def profiles(draw):
    low, high = sorted([draw(st.integers(0, 127)), draw(st.integers(0, 127))])
    polyphony = draw(st.none() | st.integers(1, 5))
    mono = draw(st.sampled_from(("", "legato", "gap"))) if polyphony == 1 else ""
    return Profile(
        channel=draw(st.integers(1, 16)),
        low=low,
        high=high,
        polyphony=polyphony,
        mono=mono,
        gap=draw(st.floats(0, 100)),
    )


@given(phrases(), profiles())
def test_what_a_synthesizer_gets(music, profile):
    out = fitted(music, profile)
    assert (out.length, out.bpm, out.index) == (music.length, music.bpm, music.index)
    voices = (profile.polyphony or 128) + OVERLAP * (profile.mono == "legato")
    for tick in range(LENGTH + 1):
        sounding = [n for n in out.notes if n.onset <= tick < n.end]
        assert len(sounding) <= voices
        assert len({n.pitch for n in sounding}) == len(sounding)
        if profile.mono == "legato" and len(sounding) == voices:
            assert max(n.onset for n in sounding) == tick
    for note in out.notes:
        assert profile.low <= note.pitch <= profile.high
        assert note.channel == profile.channel - 1
        assert note.duration >= 1
        assert note.end <= LENGTH
    rest = math.ceil(profile.gap * music.bpm * 48 / 60_000) if profile.mono == "gap" else 0
    for one, two in zip(out.notes, out.notes[1:], strict=False):
        assert one.duration == 1 or not rest or one.end <= two.onset - rest
    assert fitted(out, profile) == out


@given(phrases(), profiles())
def test_only_what_is_struck_together_is_lost(music, profile):
    heard = fitted(music, profile).notes
    for onset in {note.onset for note in music.notes}:
        requested = {
            folded(n.pitch, profile.low, profile.high) for n in music.notes if n.onset == onset
        }
        kept = sorted(n.pitch for n in heard if n.onset == onset)
        assert kept == sorted(requested)[-(profile.polyphony or 128) :]


def change(control, value, channel=0):
    return Message("control_change", channel=channel, control=control, value=value)


def test_opening():
    profile = Profile(channel=5, bank=Bank(1, 2), program=11, cc={"cutoff": 74, "attack": 73})
    assert opening(profile, "cutoff=80, 71=20,attack = 0") == [
        change(0, 1, 4),
        change(32, 2, 4),
        Message("program_change", channel=4, program=10),
        change(74, 80, 4),
        change(71, 20, 4),
        change(73, 0, 4),
    ]
    assert opening(Profile()) == []
    assert control_changes(profile, {"cutoff": 127, "7": "0"}) == [
        change(74, 127, 4),
        change(7, 0, 4),
    ]


@pytest.mark.parametrize(
    ("cc", "message"),
    [
        ("cutoff", "cc 'cutoff': write a controller and its value, such as cutoff=80"),
        ("brightness=1", "cc 'brightness': not a controller; .* 0 to 119, or one of Mine: cutoff"),
        ("120=0", "cc '120': not a controller; give a number from 0 to 119"),
        ("²=0", "cc '²': not a controller"),
        ("-1=0", "cc '-1': not a controller"),
        ("=1", "cc '': not a controller"),
        ("cutoff=128", "cc cutoff: 128 is not a whole number from 0 to 127"),
        ("cutoff=1.5", "cc cutoff: 1.5 is not a whole number from 0 to 127"),
        ("cutoff=loud", "cc cutoff: 'loud' is not a whole number"),
        (f"cutoff={'9' * 5000}", "cc cutoff: inf is not a whole number"),
    ],
)
def test_a_controller_that_is_not_there(cc, message):
    with pytest.raises(SettingsError, match=message):
        opening(Profile(name="Mine", cc={"cutoff": 74}), cc)


@pytest.mark.parametrize("value", [True, None, float("nan"), [1], 64.0])
def test_a_value_of_another_kind(value):
    with pytest.raises(SettingsError, match="is not a whole number from 0 to 127"):
        control_changes(Profile(), {"7": value})


def test_parts_on_channels_of_their_own():
    profile = Profile(parts=(2, 2, 11, 4), channel=7, polyphony=1)
    music = phrase(
        Note(0, 96, 72, channel=0), Note(0, 96, 67, channel=1), Note(0, 96, 60, channel=2),
        Note(0, 96, 48, channel=3), Note(96, 48, 50, channel=4),
    )  # fmt: skip
    kept = [(n.onset, n.pitch, n.channel) for n in fitted(music, profile).notes]
    assert kept == [(0, 72, 1), (0, 60, 10), (0, 48, 3), (96, 50, 6)]


def test_a_pitch_that_two_parts_hold_sounds_until_the_later_lets_go():
    profile = Profile(parts=(1, 1, 1, 1))
    music = phrase(
        Note(0, 96, 60, channel=0), Note(24, 24, 60, channel=1), Note(48, 12, 60, channel=1),
        Note(60, 96, 60, channel=2),
    )  # fmt: skip
    kept = [(n.onset, n.end, n.pitch) for n in fitted(music, profile).notes]
    assert kept == [(0, 24, 60), (24, 48, 60), (48, 60, 60), (60, 156, 60)]


def test_every_channel_is_set_up():
    profile = Profile(parts=(1, 2, 2, 16), channel=5, program=20, bank=Bank(lsb=3))
    messages = opening(profile, "7=90")
    assert [(m.type, m.channel) for m in messages] == [
        (kind, channel)
        for kind in ("control_change", "program_change", "control_change")
        for channel in (0, 1, 15)
    ]
    assert {m.control for m in messages if m.type == "control_change"} == {32, 7}
