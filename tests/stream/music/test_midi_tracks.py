import io
import struct

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music import midi_tracks


def one_track(messages):
    file = mido.MidiFile(type=0, tracks=[mido.MidiTrack(messages)], ticks_per_beat=480)
    file.save(file=(stored := io.BytesIO()))
    return stored.getvalue()


def opened(data):
    return mido.MidiFile(file=io.BytesIO(data))


def timed(messages):
    """(tick, message) of what sounds and of the facts, without names and ends."""
    now, found = 0, []
    for message in messages:
        now += message.time
        if message.type not in {"track_name", "end_of_track", "text"}:
            found.append((now, message.copy(time=0)))
    return sorted(found, key=lambda each: (each[0], str(each[1]))), now


CHANNELS = st.integers(0, 15)
TIMES = st.integers(0, 3000)
MESSAGES = st.lists(
    st.one_of(
        st.builds(mido.Message, st.just("note_on"), channel=CHANNELS, note=st.integers(0, 127), time=TIMES),  # noqa: E501
        st.builds(mido.Message, st.just("note_off"), channel=CHANNELS, note=st.integers(0, 127), time=TIMES),  # noqa: E501
        st.builds(mido.Message, st.just("program_change"), channel=CHANNELS, time=TIMES),
        st.builds(mido.Message, st.just("pitchwheel"), channel=CHANNELS, time=TIMES),
        st.builds(mido.MetaMessage, st.just("set_tempo"), tempo=st.integers(1, 2**24 - 1), time=TIMES),  # noqa: E501
        st.builds(mido.MetaMessage, st.just("marker"), text=st.just("A"), time=TIMES),
        st.builds(mido.MetaMessage, st.just("text"), time=TIMES),
    ),
    max_size=30,
)  # fmt: skip


@given(MESSAGES)
def test_a_track_for_each_part_holds_the_same_music(messages):
    data = one_track(messages)
    divided = midi_tracks.divided(data, {0: "lead", 9: "drums"})
    file = opened(divided)
    assert (file.type, file.ticks_per_beat) == (1, 480)
    assert timed(mido.merge_tracks(file.tracks)) == timed(opened(data).tracks[0])
    for track in file.tracks[1:]:
        (channel,) = {message.channel for message in track if not message.is_meta}
        assert track.name == {0: "lead", 9: "drums"}.get(channel, f"part {channel + 1}")
    joined = midi_tracks.joined(divided)
    assert opened(joined).type == 0
    assert timed(opened(joined).tracks[0]) == timed(opened(data).tracks[0])
    assert midi_tracks.divided(joined, {0: "lead", 9: "drums"}) == divided


def test_each_tune_is_a_file_with_its_instruments():
    data = one_track(
        [
            mido.MetaMessage("set_tempo", tempo=400_000),
            mido.MetaMessage("marker", text="folk: jig in D major"),
            mido.Message("program_change", channel=2, program=40),
            mido.Message("note_on", channel=2, note=60),
            mido.Message("note_off", channel=2, note=60, time=480),
            mido.MetaMessage("time_signature", numerator=3),
            mido.MetaMessage("marker", text="folk: waltz"),
            mido.MetaMessage("marker", text="A"),
            mido.Message("note_on", channel=2, note=62),
            mido.Message("note_off", channel=2, note=62, time=960),
        ]
    )
    first, second = midi_tracks.tunes(midi_tracks.divided(data, {2: "lead"}))
    assert [first.title, second.title] == ["jig in D major", "waltz"]
    assert timed(mido.merge_tracks(opened(first.data).tracks))[1] == 480
    events, end = timed(mido.merge_tracks(opened(second.data).tracks))
    assert end == 960
    assert {message.type for _, message in events} == {
        "set_tempo", "program_change", "time_signature", "marker", "note_on", "note_off",
    }  # fmt: skip
    assert [m.note for _, m in events if m.type == "note_on"] == [62]


@pytest.mark.parametrize("data", [b"", b"MThd", one_track([])[:-1], b"x" * 100])
def test_another_file_is_refused(data):
    with pytest.raises((ValueError, struct.error)):
        midi_tracks.divided(data, {})
