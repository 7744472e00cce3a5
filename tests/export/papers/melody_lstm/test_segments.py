import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.papers.melody_lstm import segments
from export.papers.melody_lstm.segments import (
    LOWEST,
    METERS,
    Lead,
    pieces,
    read_leads,
    splits,
    windows,
)
from stream.compose.polyphony.voicing import NO_CHORD
from stream.errors import CorpusError

C, D, E = (midi - LOWEST + 1 for midi in (60, 62, 64))
MAJOR, SEVENTH = 1, 1 + 12 * 2 + 7
rows = st.lists(st.integers(0, 34), max_size=100).map(lambda row: np.array(row, np.int64))


def test_a_measure_is_eight_segments_and_a_hold_repeats_its_pitch(archive):
    """A quarter, an eighth rest, two sixteenths, a half; the second sixteenth is not seen."""
    notes = ([60, 62, 64, 60], [0, 72, 84, 96], [48, 12, 12, 96])
    chords = [[(0, 96, "C", 0), (144, 48, "G7", 7)]]
    (found,) = read_leads(archive([notes], chords=chords))
    assert found.pitch.tolist() == [C, C, 0, D, C, C, C, C]
    assert found.chord.tolist() == [MAJOR] * 4 + [NO_CHORD] * 2 + [SEVENTH] * 2
    assert (METERS[found.meter], found.title, found.group) == ("4/4", "t0", 0)


def test_six_eighths_too(archive):
    """Segments begin at 0, 18, 36 ... ticks, eighths at 0, 24, 48 ..."""
    notes = ([60, 62, 64, 60, 62, 64], list(range(0, 144, 24)), [24] * 6)
    (found,) = read_leads(archive([notes], metres=["6/8"]))
    assert found.pitch.tolist() == [C, C, D, E, C, C, D, E]
    assert found.chord.tolist() == [NO_CHORD] * 8


def test_what_has_no_meter_or_no_notes_is_left_out(archive):
    empty = (np.zeros(0, int),) * 3
    note = ([60], [0], [192])
    found = read_leads(archive([note, empty, note, note], metres=["", "4/4", "7/8", "4/0"]))
    assert [(lead.title, METERS[lead.meter]) for lead in found] == [("t2", "")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pitch": np.array([90])}, "a pitch of tune 0 is not within 55 and 88"),
        ({"tune_start": [0, 3], "onset": np.arange(2), "duration": np.ones(3)}, "broadcast"),
    ],
)
def test_damage_is_named(archive, change, message):
    path = archive([([60], [0], [48])], **change)
    with pytest.raises(CorpusError, match=message):
        read_leads(path)
    path.write_bytes(b"PK")
    with pytest.raises(CorpusError, match=str(path)):
        read_leads(path)


def test_a_melody_without_groups_is_refused(archive, tmp_path):
    arrays = dict(np.load(archive([([60], [0], [48])])))
    del arrays["variant_group"]
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(CorpusError, match="variant_group missing"):
        read_leads(tmp_path / "other.npz")


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200))
def test_no_group_is_on_both_sides(groups):
    leads = [Lead(np.zeros(1, int), np.zeros(1, int), 0, group, "") for group in groups]
    found = splits(leads)
    sides = {name: {lead.group for lead in part} for name, part in found.items()}
    assert sum(map(len, found.values())) == len(leads)
    assert sum(map(len, sides.values())) == len(set(groups))
    share = len(sides["train"] | sides["valid"]) / len(set(groups))
    assert abs(share - 0.7) <= 1 / len(set(groups))


@given(st.lists(rows, max_size=4), st.integers(1, 8))
def test_windows_are_all_there_are(tunes, length):
    contexts, came = windows(tunes, length)
    expected = [
        (tune[i : i + length].tolist(), int(tune[i + length]))
        for tune in tunes
        for i in range(len(tune) - length)
    ]
    assert list(zip(contexts.tolist(), came.tolist(), strict=True)) == expected


@given(rows.filter(lambda row: len(row) > 1), st.integers(1, 9), st.data())
def test_pieces_predict_every_segment_but_the_first_once(row, length, data):
    offset = data.draw(st.integers(0, length - 1))
    found = pieces(row, length, offset)
    assert np.concatenate([p[1:] for p in found]).tolist() == row[1:].tolist()
    assert all(len(p) <= length + 1 for p in found)
    assert segments.WINDOW == 32
