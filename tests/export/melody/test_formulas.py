import numpy as np

from stream.compose.melody.formulas import Formulas
from stream.compose.tunes.formulas import LEAST, formulas
from stream.compose.tunes.tune import Melody

TURN = np.array([60, 62, 64, 65, 64, 62, 60])


def melody(group, pitches):
    tokens = [(p % 12, p // 12 - 2, 5) if p else (12, 8, 5) for p in pitches.tolist()]
    return Melody(np.array(tokens, np.uint8), "t", "folk", group, 24, 8, "", "")


def missed(known):
    """The notes of the turn that end no formula."""
    (found,) = known.missed(TURN[None], np.array([len(TURN)]))
    return found


def test_a_formula_is_held_by_several_unrelated_tunes():
    groups = range(LEAST)
    shared = Formulas(formulas([melody(g, TURN + g) for g in groups]))
    assert missed(shared) == 0
    few = [melody(g, TURN) for g in groups[1:]]
    assert missed(Formulas(formulas(few))) == 1
    # Variants of one tune are no more than that tune.
    variants = [melody(1, TURN) for _ in range(9)]
    assert missed(Formulas(formulas([*few[1:], *variants]))) == 1


def test_rests_are_left_out_and_short_tunes_have_none():
    with_rest = [melody(g, np.insert(TURN, 3, 0)) for g in range(LEAST)]
    assert missed(Formulas(formulas(with_rest))) == 0
    assert missed(Formulas(formulas([melody(1, TURN[:3])]))) == 1
