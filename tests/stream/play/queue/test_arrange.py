"""Messages of several parts, on channels of their own or on shared ones."""

import dataclasses
import itertools

import mido
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stream.compose.polyphony import voicing
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.lead_frames import HEADS, LeadFrames
from stream.compose.polyphony.roll_frames import END, PIANOROLL, SLOTS
from stream.music.note import Controls, Note, Phrase
from stream.play.queue.arrange import arranged
from stream.play.timing.scheduler import timeline
from stream.profiles.fit import OVERLAP
from stream.profiles.profile import Profile

CLASSES = st.sampled_from([0, 30, 31, 33, 42, 45, 54])
"""Few pitches and their octaves, so that parts meet."""


@st.composite
def chorales(draw):
    """Some phrases of a chorale, one behind the other: any tokens."""
    shape = draw(st.integers(1, 24)), 4
    rows = draw(st.lists(arrays.arrays("int64", shape, elements=CLASSES), min_size=1, max_size=3))
    return [
        Phrase(CHORALE.decode(row), 12 * len(row), 97.0, i, 0, "bach", "v", 1, bar=192)
        for i, row in enumerate(rows)
    ]


CONTROLS = st.builds(
    Controls,
    swing=st.sampled_from([0.0, 0.33, 0.75]),
    transpose=st.integers(-36, 36),
    low=st.sampled_from([0, 48]),
    high=st.sampled_from([127, 72, 50]),
    scale=st.sampled_from(["", "C major"]),
)
CHANNELS = st.lists(st.integers(1, 16) | st.just(3), min_size=4, max_size=4).map(tuple)


@st.composite
def synthesizers(draw):
    parts = draw(st.just(()) | CHANNELS)
    polyphony = draw(st.none() | st.integers(1, 3))
    mono = draw(st.sampled_from(("", "gap"))) if polyphony == 1 else ""
    low = draw(st.sampled_from([0, 40]))
    return Profile(parts=parts, channel=5, polyphony=polyphony, mono=mono, gap=9.0, low=low)


def wire(phrases, controls, profile):
    """The messages as a receiver parses them out of the bytes, phrase by phrase."""
    start = 0.0
    for phrase in phrases:
        line = timeline(arranged(phrase, 0, phrase.length, controls, profile), start)
        start = line.end
        notes = [t for t in line.messages if not t.message.is_meta]
        assert [t.time for t in notes] == sorted(t.time for t in notes)
        yield mido.parse_all(b"".join(t.data for t in notes))


@st.composite
def pianos(draw):
    """A phrase of a piano: any tokens, of few keys."""
    shape = draw(st.integers(1, 12)), SLOTS
    row = draw(arrays.arrays("int64", shape, elements=st.sampled_from([20, 32, 35, 44, END])))
    notes = PIANOROLL.decode(row)
    return [Phrase(notes, 24 * len(row), 97.0, 0, 0, "bach", "v", 1, bar=192)]


BAND = LeadFrames(HEADS[1], 12)


@st.composite
def bands(draw):
    """Some phrases of melody, chords and bass: any tokens, of few pitches."""
    lines = st.sampled_from([0, 0, 1, 30, 31, 42, 45, 54])
    chords = st.integers(0, 3) | st.integers(0, voicing.CLASSES - 1)
    rows = draw(st.lists(st.lists(st.tuples(lines, chords, lines), min_size=1), min_size=1,
                         max_size=3))  # fmt: skip
    return [
        Phrase(BAND.decode(np.array(row), 4), 12 * len(row), 97.0, i, 0, "s", "v", 1, bar=48)
        for i, row in enumerate(rows)
    ]


@given(chorales() | pianos() | bands(), CONTROLS, st.none() | synthesizers())
def test_no_note_is_stuck_or_doubled(phrases, controls, profile):
    sounding = set()
    for messages in wire(phrases, controls, profile):
        for message in messages:
            key = message.channel, message.note
            if message.type == "note_on":
                assert key not in sounding, "doubled"
                sounding.add(key)
                if profile is not None and profile.polyphony is not None:
                    together = sum(channel == key[0] for channel, _ in sounding)
                    assert together <= profile.polyphony
            else:
                assert key in sounding, "ended twice"
                sounding.remove(key)
        assert not sounding


@given(chorales(), st.none() | CHANNELS)
def test_every_part_is_on_its_channel(phrases, channels):
    profile = None if channels is None else Profile(parts=channels)
    of = channels or (1, 2, 3, 4)
    for phrase in phrases:
        sung = {(of[n.channel] - 1, n.onset, n.pitch) for n in phrase.notes}
        out = arranged(phrase, 0, phrase.length, Controls(), profile)
        assert {(n.channel, n.onset, n.pitch) for n in out.notes} == sung


@given(chorales(), CHANNELS)
def test_a_pitch_sounds_while_any_part_holds_it(phrases, channels):
    """The active notes of a channel are those of its parts, at every moment."""
    profile = Profile(parts=channels)
    for phrase in phrases:
        out = arranged(phrase, 0, phrase.length, Controls(), profile)
        for tick in range(0, phrase.length, 12):
            sung = {
                (channels[n.channel] - 1, n.pitch) for n in phrase.notes if n.onset <= tick < n.end
            }
            played = {(n.channel, n.pitch) for n in out.notes if n.onset <= tick < n.end}
            assert played == sung


@given(chorales(), CHANNELS)
def test_joined_lines_on_channels_of_their_own(phrases, channels):
    """A monosynth a channel: one voice each, and a tick of two where notes meet."""
    profile = Profile(parts=channels, polyphony=1, mono="legato")
    for phrase in phrases:
        out = arranged(phrase, 0, phrase.length, Controls(), profile).notes
        for channel in set(channels):
            line = [n for n in out if n.channel == channel - 1]
            for one, two in itertools.pairwise(line):
                assert one.end <= two.onset + OVERLAP


def test_ranges_are_those_of_each_channel():
    row = np.array([[54, 45, 33, 10]])
    phrase = Phrase(CHORALE.decode(row), 12, 97.0, 0, 0, "bach", "v", 1)
    profile = Profile(parts=(1, 2, 3, 3), low=48, high=72, polyphony=1)
    out = arranged(phrase, 0, 12, Controls(), profile)
    assert [(n.channel, n.pitch) for n in out.notes] == [(0, 69), (1, 72), (2, 60)]
    # The bass, folded up to 49, is below the tenor, and there is one voice on their channel.
    alone = dataclasses.replace(profile, parts=())
    assert len(arranged(phrase, 0, 12, Controls(), alone).notes) == 1


def test_chords_swing_and_move_with_their_melody():
    """A chord swings with the melody's second eighth note; all is a fifth higher, in range."""
    frames = np.array([[53, 1, 29], [0, 1, 0], [55, 8, 0], [0, 8, 0]])
    phrase = Phrase(BAND.decode(frames, 4), 48, 97.0, 0, 0, "s", "v", 1, bar=48)
    out = arranged(phrase, 0, 48, Controls(swing=0.5, transpose=7, low=40, high=84))
    onsets = {n.channel: sorted({m.onset for m in out.notes if m.channel == n.channel})
              for n in out.notes}  # fmt: skip
    assert onsets == {0: [0, 36], 1: [0, 36], 2: [0]}
    assert [n.pitch for n in out.notes if n.channel == 0] == [79, 81]
    for source, played in zip(phrase.notes, out.notes, strict=True):
        assert (played.pitch - source.pitch) % 12 == 7
        assert 40 <= played.pitch <= 84


def test_accent_scales_the_distance_from_the_mean_velocity_of_a_part():
    composed = [Note(48 * i, 48, 60, v, 0) for i, v in enumerate((70, 80, 90, 120))]
    composed += [Note(48 * i, 48, 40, v, 1) for i, v in enumerate((30, 40, 50, 40))]
    phrase = Phrase(tuple(composed), 192, 97.0, 0, 0, "bach", "v", 1, bar=192)

    def velocities(accent, begin=0):
        notes = arranged(phrase, begin, 192, Controls(accent=accent)).notes
        return [[n.velocity for n in notes if n.channel == part] for part in (0, 1)]

    assert velocities(1) == [[70, 80, 90, 120], [30, 40, 50, 40]]
    assert velocities(0) == [[90] * 4, [40] * 4]
    assert velocities(0.5) == [[80, 85, 90, 105], [35, 40, 45, 40]]
    assert velocities(2) == [[50, 70, 90, 127], [20, 40, 60, 40]]
    assert velocities(2, begin=96) == [[90, 127], [60, 40]]


@given(bands())
def test_accent_1_leaves_every_velocity_as_composed(phrases):
    for phrase in phrases:
        notes = arranged(phrase, 0, phrase.length, Controls()).notes
        assert [n.velocity for n in notes] == [n.velocity for n in phrase.notes]
