"""The first tune of a stream has its whole form, whatever happens meanwhile."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stream.compose.composer import Composer
from stream.compose.tune_plan import plan_tune
from stream.config.style_syntax import parse_style
from stream.music.note import Controls
from stream.music.stream_position import PHRASE_BARS, opening
from stream.voices.spec import find_voice
from tests.stream.compose.conftest import CHORALE, LEAD, PIANO, TINY, changed

COMPOSERS = {voice: Composer(voice) for voice in (TINY, CHORALE, PIANO, LEAD)}


def first_tune(composer, programme, *, left=(), restarted=None):
    """The ticks of each phrase of the first tune, and whether all rules of bars were kept.

    Phrases whose number is in `left` are left after a bar; `restarted` composes from the second on.
    """
    phrase_lengths, even = (), True
    while not programme.tune:
        phrase = composer.compose(programme.request)
        composer = restarted or composer
        even = even and phrase.length % phrase.bar == 0
        if programme.index in left and phrase.length > phrase.bar:
            programme = programme.within(phrase, phrase.bar, programme.index + 1)
            continue
        phrase_lengths = (*programme.phrase_lengths, programme.begun + phrase.length)
        programme = programme.after(phrase)
    return phrase_lengths, even


def whole(composer, programme):
    """What it is to be."""
    where = plan_tune(composer.spec, programme.request)
    return (PHRASE_BARS * where.bar * where.unit,) * len(where.form)


@pytest.mark.parametrize("voice", COMPOSERS, ids=lambda voice: voice.stem)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_phrase_of_the_first_tune_has_four_bars(voice, data):
    composer = COMPOSERS[voice]
    programme = opening(
        data.draw(st.integers(0, 999)), Controls(candidates=16 if voice == TINY else 4)
    )
    left = data.draw(st.sets(st.integers(0, 6), max_size=3))
    restarted = Composer(voice) if data.draw(st.booleans()) else None
    found, even = first_tune(composer, programme, left=left, restarted=restarted)
    # An untrained voice may find no candidate that ends with a bar.
    assume(even)
    assert found == whole(composer, programme)


def test_the_first_blues_is_whole_choruses():
    composer = Composer(find_voice("blues"))
    style = parse_style("major")
    programme = opening(7, Controls(candidates=1, style=style))
    found, _ = first_tune(composer, programme)
    assert found == whole(composer, programme)
    bars = sum(found) // 192
    assert bars >= 48
    assert bars % 12 == 0


def test_a_form_of_one_phrase_does_not_end_with_its_first_half(tmp_path):
    composer = Composer(changed(CHORALE, tmp_path, forms={"a": 1.0}))
    programme = opening(3, Controls(candidates=2))
    first = composer.compose(programme.request)
    second = composer.compose(programme.after(first).request)
    assert (first.closing, second.closing) == (False, True)
    assert first.length + second.length == 4 * first.bar
