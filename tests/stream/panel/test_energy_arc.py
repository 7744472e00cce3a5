from hypothesis import given
from hypothesis import strategies as st

from stream.music.controls import Controls
from stream.music.energy import PHRASES, energy_at
from stream.panel.energy_arc import COMING_SECONDS, MOST_COMING, EnergyArc

CONTROLS = Controls(energy=0.5, arc=1.0)


def phrase(index, start, length=8.0, tune=0, energy=0.5):
    end = start + length
    return {"start": start, "end": end, "index": index, "tune": tune, "energy": energy}


def test_the_energy_to_come_is_that_of_the_composer():
    arc = EnergyArc()
    for index in range(10):
        arc.add(phrase(index, 8.0 * index, tune=index // PHRASES))
    coming = arc.document(CONTROLS, seed=7)["coming"]
    assert coming[0] == (80.0, energy_at(0.5, 1.0, 7, 1, 2))
    assert coming[5] == (120.0, energy_at(0.5, 1.0, 7, 1, 7))
    assert coming[6] == (128.0, energy_at(0.5, 1.0, 7, 2, 0))
    assert COMING_SECONDS <= coming[-1][0] - 80.0 + 8.0 < COMING_SECONDS + 16.0


def test_what_is_cut_or_moved_is_so_in_the_arc():
    arc = EnergyArc()
    for index in range(3):
        arc.add(phrase(index, 8.0 * index))
    arc.cut(12.0)
    arc.move(8.0, 2.0)
    document = arc.document(CONTROLS, 7)
    assert document["known"] == [(0.0, 0.5), (10.0, 0.5)]
    assert document["coming"][0][0] == 14.0


def test_without_phrases_nothing_is_known():
    assert EnergyArc().document(CONTROLS, 7) == {"known": [], "coming": []}
    old = EnergyArc()
    old.add({"start": 0.0, "end": 1.0, "index": 0, "tune": 0})
    assert old.document(CONTROLS, 7) == {"known": [], "coming": []}


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 400), st.integers(0, 9)), max_size=30),
    st.floats(0, 1e6),
)
def test_the_arc_stays_small_and_within_its_bounds(phrases, cut):
    arc = EnergyArc()
    for index, (start, length, tune) in enumerate(phrases):
        arc.add(phrase(index, start, length, tune))
    arc.cut(cut)
    document = arc.document(CONTROLS, 7)
    assert len(document["coming"]) <= MOST_COMING
    assert all(0 <= energy <= 1 for _, energy in document["coming"])
