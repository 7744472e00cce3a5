import numpy as np

from benchmarks.polyphony import runs
from export.corpus.rolls import RollSet


def pieces(count, frames=10):
    """Pieces of one key each, all different."""
    rolls = np.zeros((count, frames, 88), bool)
    rolls[np.arange(count), :, 20 + np.arange(count)] = True
    return tuple(rolls)


def keys(rolls):
    return [int(roll[0].argmax()) for roll in rolls]


def test_enough_validation_pieces_are_chosen(monkeypatch):
    monkeypatch.setattr(runs, "ENOUGH", 45)
    chosen = keys(runs.some(pieces(30)))
    assert len(set(chosen)) == 5
    assert chosen == keys(runs.some(pieces(30)))
    assert sorted(keys(runs.some(pieces(3)))) == [20, 21, 22]


def test_each_raw_piece_is_in_a_random_key():
    found = RollSet("x", pieces(30), pieces(20), pieces(10))
    raw = runs.moved(found)
    assert raw.name == "x-raw"
    moves = [
        after - before
        for split in ("train", "valid", "test")
        for before, after in zip(keys(found.split(split)), keys(raw.split(split)), strict=True)
    ]
    assert set(moves) == set(range(-5, 7))
    assert keys(raw.test) == keys(runs.moved(found).test)
