import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.note_values import Meter, Value, in_beats, meter_of, triplets, values
from stream.music.note import Note

COMMON, JIG = Meter(192, 48), Meter(144, 72)
METERS = (COMMON, JIG, Meter(144, 48), Meter(192, 96), Meter(288, 48))
EVENTS = st.lists(st.tuples(st.booleans(), st.sampled_from((6, 8, 12, 16, 18, 24, 32, 36, 48, 96))))


def played(*events):
    """Notes of these lengths in a row; a negative one is a rest."""
    found, onset = [], 0
    for length in events:
        if length > 0:
            found.append(Note(onset, length, 60))
        onset += abs(length)
    return found


def written(notes, length, meter):
    """Lengths of the values: rests negative, ties as tuples."""
    found = []
    for value in values(notes, length, meter):
        size = value.end - value.onset
        found.append(-size if value.pitch is None else (size, "tied") if value.tied else size)
    return found


@pytest.mark.parametrize(
    ("name", "meter"), [("4/4", COMMON), ("6/8", JIG), ("2/2", Meter(192, 96))]
)
def test_the_beat_is_that_of_the_written_meter(name, meter):
    assert meter_of(name, meter.bar) == meter


def test_values_show_the_beats():
    assert written(played(24, 48, 24, 72, 24), 192, COMMON) == [24, 48, 24, 72, 24]
    assert written(played(36, 48, 12, 96), 192, COMMON) == [36, (12, "tied"), 36, 12, 96]
    assert written(played(72, 48, 72), 192, COMMON) == [72, (24, "tied"), 24, (24, "tied"), 48]
    assert written(played(240), 384, COMMON) == [(192, "tied"), 48, -48, -96]
    assert written(played(-192), 192, COMMON) == [-192]
    assert written(played(48, 24, 72), 144, JIG) == [48, 24, 72]
    assert written(played(48, 48, 48), 144, JIG) == [48, (24, "tied"), 24, 48]


def test_scores_stay_as_they_are():
    for events, meter in (
        ((48, 24, 24, 12, 12, 24, 48), COMMON),
        ((24, 24, 24, 36, 12, 24), JIG),
        ((16, 16, 16, 36, 6, 6, 96), COMMON),
    ):
        notes = played(*events)
        assert in_beats(notes, sum(events), meter) == notes


def test_played_notes_are_written_at_the_nearest_place_of_their_beat():
    late = [Note(2, 20, 60), Note(26, 20, 62), Note(50, 14, 64), Note(65, 14, 65), Note(82, 10, 67)]
    found = in_beats(late, 192, COMMON)
    assert [(n.onset, n.duration) for n in found] == [
        (0, 24),
        (24, 24),
        (48, 16),
        (64, 16),
        (80, 16),
    ]


def test_a_triplet_is_complete_with_its_rest():
    found = list(values([Note(0, 32, 60), Note(48, 16, 60), Note(64, 16, 60)], 96, Meter(96, 48)))
    assert [[(v.onset, v.pitch) for v in group] for group in triplets(found)] == [
        [(0, 60), (32, None)], [(48, 60), (64, 60), (80, None)]
    ]  # fmt: skip
    assert not list(triplets([Value(0, 24, 60), Value(24, 48, None)]))


@given(EVENTS, st.sampled_from(METERS))
def test_all_the_time_is_written_once(events, meter):
    notes = played(*(length if sounds else -length for sounds, length in events))
    length = -(-(sum(each for _, each in events) + 1) // meter.bar) * meter.bar
    found = in_beats(notes, length, meter)
    assert [n.pitch for n in found] == [n.pitch for n in notes]
    assert all(a.end <= b.onset for a, b in itertools.pairwise(found))
    assert all(abs(a.onset - b.onset) <= meter.beat // 4 for a, b in zip(notes, found, strict=True))
    written = list(values(found, length, meter))
    edges = [0, *(value.end for value in written)]
    assert edges[:-1] == [value.onset for value in written]
    assert edges[-1] == length
    assert all(v.onset // meter.bar == (v.end - 1) // meter.bar for v in written)
    sounding = [v for v in written if v.pitch is not None]
    assert sum(not v.tied for v in sounding) == len(notes)
