"""Lines of a MIDI file get their roles by pitch."""

import mido
import pytest

from stream.music.midi_parts import read_parts


def write(path, pitches, numerator=4):
    midi = mido.MidiFile(ticks_per_beat=48)
    for channel, pitch in enumerate(pitches):
        track = mido.MidiTrack()
        track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=4))
        for step in range(4):
            key = {"note": pitch + step, "channel": channel}
            track.append(mido.Message("note_on", **key))
            track.append(mido.Message("note_off", time=48, **key))
        midi.tracks.append(track)
    midi.save(path)
    return path


@pytest.mark.parametrize(
    ("pitches", "roles"),
    [
        ((60,), {"lead": 60}),
        ((40, 72), {"lead": 72, "bass": 40}),
        ((72, 60, 40), {"lead": 72, "comping": 60, "bass": 40}),
        ((48, 72, 65, 55), {"lead": 72, "alto": 65, "tenor": 55, "bass": 48}),
    ],
)
def test_lines_get_their_roles_by_pitch(tmp_path, pitches, roles):
    parts, bar = read_parts(write(tmp_path / "song.mid", pitches, numerator=3))
    assert bar == 144
    assert {role: notes[0].pitch for role, notes in parts.items()} == roles
    assert all(len(notes) == 4 for notes in parts.values())
