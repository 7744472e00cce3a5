"""Clashes are counted where two notes really rub, and equal music is at no distance."""

import numpy as np
import pytest

from benchmarks.ensemble.band_features import Piece, clashes, excerpts, frechet
from benchmarks.ensemble.band_pieces import shuffled
from stream.music.note import Note

LEAD = tuple(Note(48 * i, 48, 60 + i % 7) for i in range(32))


def under(interval, duration):
    """The lead with a part at an interval from each of its notes."""
    return Piece(LEAD, tuple(Note(n.onset, duration, n.pitch + interval) for n in LEAD))


@pytest.mark.parametrize(
    ("interval", "duration", "each"),
    [(1, 48, 1), (-1, 48, 1), (-13, 60, 1), (-11, 48, 0), (1, 47, 0), (-12, 48, 0), (-3, 48, 0)],
)
def test_a_minor_second_or_ninth_of_a_beat_clashes(interval, duration, each):
    found = clashes(under(interval, duration))
    assert found == each * len(LEAD)


def test_one_line_clashes_with_nothing():
    assert clashes(Piece(LEAD, ())) == 0


def test_equal_music_is_at_no_distance_and_other_music_is():
    rng = np.random.default_rng(0)
    pieces = [
        Piece(LEAD, tuple(Note(n.onset, 48, int(n.pitch - rng.choice((3, 4, 5, 7)))) for n in LEAD))
        for _ in range(30)
    ]
    rows = np.concatenate([excerpts(piece) for piece in pieces])
    rubbing = np.concatenate([excerpts(under(-1, 48)) for _ in range(30)])
    assert frechet(rows, rows) == pytest.approx(0, abs=1e-4)
    assert frechet(rubbing, rows) > 1


def test_every_lead_gets_the_parts_of_another_tune():
    pieces = [under(interval, 48) for interval in (-3, -4, -5)]
    mixed = shuffled(pieces, np.random.default_rng(1))
    assert all(one.lead == other.lead for one, other in zip(pieces, mixed, strict=True))
    assert all(one.others != other.others for one, other in zip(pieces, mixed, strict=True))
