"""Excerpts keep their notes, bars and meters, as MIDI files too."""

import mido
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ensemble.band_features import Piece
from benchmarks.field.excerpt import WINDOW, Excerpt, of_melody, windows
from benchmarks.music.real.neutral import Neutral
from stream.music.note import Note


def melody(bar, unit):
    steps = np.arange(8) * unit
    return Neutral(np.full(8, 60), steps, np.full(8, unit), bar, unit, group=7)


def test_a_reel_is_read_in_eighths_and_a_hymn_in_quarters():
    reel, hymn = of_melody(melody(96, 12)), of_melody(melody(48, 12))
    assert [n.onset for n in reel.parts[0]][:3] == [0, 24, 48]
    assert [n.onset for n in hymn.parts[0]][:3] == [0, 48, 96]
    assert (reel.meter, hymn.meter) == ((8, 8), (8, 8))
    assert (reel.group, hymn.group) == (7, 7)


def test_a_jig_has_six_eighths():
    assert of_melody(melody(72, 12)).meter == (6, 8)


def test_a_file_holds_the_notes_once(tmp_path):
    notes = (Note(0, 96, 60), Note(48, 48, 60), Note(96, 48, 62))
    Excerpt((notes, (Note(0, 192, 40),)), (Note(0, 12, 36),), (3, 4)).write(tmp_path / "a.mid")
    file = mido.MidiFile(tmp_path / "a.mid")
    struck = [(m.channel, m.note) for t in file.tracks for m in t if m.type == "note_on"]
    assert struck == [(0, 60), (0, 62), (1, 40), (9, 36)]
    head = file.tracks[0][0]
    assert (head.numerator, head.denominator) == (3, 4)


onsets = st.lists(st.integers(0, 5 * WINDOW), min_size=1, max_size=40)


@given(onsets, onsets)
def test_windows_hold_whole_notes_of_both_parts(lead, others):
    piece = Piece(*(tuple(Note(o, 24, 60) for o in sorted(part)) for part in (lead, others)))
    for found in windows([piece]):
        assert all(found.parts)
        assert all(n.onset >= 0 and n.end <= WINDOW for part in found.parts for n in part)
