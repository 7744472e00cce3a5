import itertools

from hypothesis import given
from hypothesis import strategies as st

from stream.note import Controls, Note, Phrase, PhraseRequest
from stream.play.programme import HISTORY_NOTES, Programme


def phrase(*notes, length=192, closing=False):
    return Phrase(
        notes, length, 120.0, index=0, tune=0, style="", voice="", seed=0, closing=closing
    )


def test_the_first_request():
    controls = Controls(bpm=90.0)
    assert Programme(7, controls).request == PhraseRequest(
        index=0, tune=0, seed=7, bars=2, parent=-1, controls=controls
    )


def test_history_leads_up_to_the_phrase():
    programme = Programme(7).after(phrase(Note(0, 96, 60), Note(96, 48, 62)))
    programme = programme.after(phrase(Note(48, 48, 64), length=384))
    assert programme.request == PhraseRequest(
        index=2,
        tune=0,
        strains=(192, 384),
        seed=7,
        bars=4,
        parent=1,
        history=(Note(-576, 96, 60), Note(-480, 48, 62), Note(-336, 48, 64)),
    )


def test_a_tune_ends_when_the_composer_says_so():
    programme = Programme(7)
    heard = []
    for closing in (False, True, True, False, False):
        request = programme.request
        heard.append((request.index, request.tune, request.opening, request.strains))
        programme = programme.after(phrase(closing=closing))
    assert heard == [
        (0, 0, True, ()), (1, 0, False, (192,)), (2, 1, True, ()), (3, 2, True, ()),
        (4, 2, False, (192,)),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=12))
def test_history_holds_the_tune_and_is_before_now(phrases):
    programme, tune, everything = Programme(0), 0, 0
    for count, closing in phrases:
        notes = (Note(i, 1, 60) for i in range(count))
        programme = programme.after(phrase(*notes, closing=closing))
        tune, everything = (0 if closing else tune + count), everything + count
    history = programme.request.history
    assert len(history) == max(tune, min(everything, HISTORY_NOTES))
    assert all(one.onset <= two.onset for one, two in itertools.pairwise(history))
    assert all(note.onset < 0 for note in history)
