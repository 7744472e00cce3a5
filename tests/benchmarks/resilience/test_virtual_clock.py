"""The audit of a recording in little memory."""

import mido

from benchmarks.resilience.virtual_clock import recorded


def test_ticks_and_notes_of_all_tracks_are_counted(tmp_path):
    conductor = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=500_000),
            mido.MetaMessage("marker", text="x" * 200, time=960),
            mido.MetaMessage("end_of_track", time=40),
        ]
    )
    part = mido.MidiTrack(
        [
            mido.Message("program_change", program=5),
            mido.Message("note_on", note=60),
            mido.Message("note_off", note=60, time=480),
            mido.Message("control_change", control=7, value=100),
            mido.Message("note_on", note=62, time=20),
            mido.MetaMessage("end_of_track", time=500),
        ]
    )
    path = tmp_path / "a.mid"
    mido.MidiFile(type=1, ticks_per_beat=480, tracks=[conductor, part, part]).save(path)
    assert recorded(path) == (1000, 4)
