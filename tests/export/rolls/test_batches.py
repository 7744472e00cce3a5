import numpy as np
import pytest

from export.rolls.batches import Piece, by_length, chunked, shuffled, transposed


def numbered(pieces):
    return [Piece(roll, i % 2, i) for i, roll in enumerate(pieces)]


@pytest.mark.parametrize(("rows", "length"), [(1, 8), (3, 8), (5, 100), (12, 1)])
def test_every_frame_is_played_once_and_in_order(pieces, rows, length):
    played = {i: [] for i in range(len(pieces))}
    for batch in chunked(numbered(pieces), rows=rows, length=length, sets=2):
        assert len(batch.v) <= length
        for row in range(rows):
            i, mask = int(batch.number[row]), batch.mask[:, row].numpy()
            # Frames first, padding after.
            assert mask.tolist() == sorted(mask, reverse=True)
            if i < 0:
                assert not mask.any()
                continue
            assert bool(batch.cold[row]) == (played[i] == [])
            assert batch.tags[row].tolist() == [float(i % 2 == 0), float(i % 2 == 1)]
            played[i] += batch.v[:, row].numpy()[mask].tolist()
    assert all(np.array_equal(played[i], roll) for i, roll in enumerate(pieces))


def test_a_training_pass_may_end_when_few_rows_still_play(pieces):
    batches = list(chunked(numbered(pieces), rows=4, length=4, sets=2, least=3))
    assert all((batch.number >= 0).sum() >= 3 for batch in batches)


def test_longest_first(pieces):
    lengths = [len(piece.roll) for piece in by_length(numbered(pieces))]
    assert lengths == sorted(lengths, reverse=True)


def test_shuffling_keeps_all_pieces_and_moves_them_within_the_keyboard(pieces):
    found = shuffled(numbered(pieces), np.random.default_rng(1), transpose=6)
    assert sorted(p.number for p in found) == list(range(len(pieces)))
    moves = []
    for piece in found:
        before = pieces[piece.number]
        keys = np.flatnonzero(before.any(0))[0], np.flatnonzero(piece.roll.any(0))[0]
        moves.append(keys[1] - keys[0])
        assert np.array_equal(np.roll(before, moves[-1], axis=1), piece.roll)
    assert len(set(moves)) > 3
    assert set(moves) <= set(range(-6, 7))
    still = shuffled(numbered(pieces), np.random.default_rng(1))
    assert all(np.array_equal(p.roll, pieces[p.number]) for p in still)


@pytest.mark.parametrize(("low", "high", "semitones", "to"), [
    (0, 10, -3, 0), (2, 10, -3, 0), (40, 86, 5, 41), (40, 50, 5, 45), (0, 87, 5, 0),
])  # fmt: skip
def test_no_note_is_moved_off_the_keyboard(low, high, semitones, to):
    roll = np.zeros((2, 88), bool)
    roll[0, low] = roll[1, high] = True
    moved = transposed(roll, semitones)
    assert np.argwhere(moved).tolist() == [[0, to], [1, to + high - low]]
