import numpy as np
import pytest

from benchmarks.playing import answers, session_bits
from benchmarks.playing.session_bits import AFRESH, OTHER, PERSON, VOICE, Playing
from stream.compose.composer import Composer
from stream.compose.step import Step
from stream.compose.tunes.tune import Melody
from tests.stream.compose.conftest import OUTLINED

RISE = [(0, 3, 5), (2, 3, 5), (4, 3, 2), (7, 3, 2)]
FALL = [(9, 4, 8), (7, 4, 8), (12, 7, 5), (5, 4, 9)]


def playing(motif, group, title="Tune"):
    tokens = np.array(motif * 20, np.uint8)
    style = next(iter(Step(OUTLINED).spec.styles))
    return Playing(Melody(tokens, title, style, group, 24, 8, "major", "test"), 40)


def test_a_first_half_helps_its_own_second_half_most():
    step = Step(OUTLINED)
    found = session_bits.bits(step, [playing(RISE, 1), playing(FALL, 2)])
    alone, own, other = (found[name, AFRESH] for name in (VOICE, PERSON, OTHER))
    assert [len(row) for row in alone] == [40, 40]
    saved, low, high = session_bits.saved(alone, own)
    assert low <= saved <= high
    assert saved > session_bits.saved(alone, other)[0]


def test_the_parts_of_a_solo_are_joined():
    parts = [playing(RISE, 1, f"Tune, bar {bar}").melody for bar in (1, 33)]
    (joined,) = session_bits.performances(parts, "test")
    assert len(joined.melody.tokens) == 160
    assert joined.half == 80
    assert session_bits.performances(parts, "train") == []


@pytest.mark.parametrize("motif", [RISE, FALL])
def test_answers_are_judged_by_what_is_played_later(motif):
    style = next(iter(Step(OUTLINED).spec.styles))
    some = [playing(motif, 1), playing(motif, 2)]
    found = answers.answered(Composer(OUTLINED), some, style)
    assert set(found) == {answers.WITH, answers.WITHOUT, answers.OTHER}
    assert all(len(rows) == 0 for rows in found.values())
    longer = [Playing(each.melody, 10) for each in some]
    found = answers.answered(Composer(OUTLINED), longer, style)
    assert all(np.isfinite(rows).all() and len(rows) == 4 for rows in found.values())
