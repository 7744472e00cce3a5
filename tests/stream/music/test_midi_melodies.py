import mido
import pytest

from stream.errors import CorpusError
from stream.music.midi_melodies import LONGEST, read_notes
from stream.music.note import TICKS_PER_BEAT, Note


def midi(path, *tracks):
    """A file of tracks, each a list of (wait in quarters, message, note, channel)."""
    file = mido.MidiFile(ticks_per_beat=480)
    for events in tracks:
        track = file.add_track()
        for wait, kind, note, channel in events:
            track.append(mido.Message(kind, note=note, channel=channel, time=int(480 * wait)))
    file.save(path)
    return path


def test_all_notes_of_all_tracks_are_read_but_the_drums(tmp_path):
    chord = [(0, "note_on", 60, 0), (0, "note_on", 64, 0)]
    chord += [(1, "note_off", 60, 0), (1, "note_off", 64, 0)]
    bass = [(1, "note_on", 36, 3), (0.5, "note_off", 36, 3)]
    drums = [(0, "note_on", 38, 9), (1, "note_off", 38, 9)]
    beat = TICKS_PER_BEAT
    assert read_notes(midi(tmp_path / "a.mid", chord, bass, drums)) == (
        Note(0, 2 * beat, 64), Note(0, beat, 60), Note(beat, beat // 2, 36),
    )  # fmt: skip
    assert read_notes(midi(tmp_path / "b.mid", drums)) == ()


def test_what_is_longer_than_any_music_is_refused(tmp_path):
    far = LONGEST / TICKS_PER_BEAT + 1
    events = [(0, "note_on", 60, 0), (far, "note_off", 60, 0)]
    with pytest.raises(CorpusError, match="longer than 10000 bars"):
        read_notes(midi(tmp_path / "long.mid", events))
