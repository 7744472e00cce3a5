import itertools

from hypothesis import given
from hypothesis import strategies as st

from stream.note import Controls, Note, Phrase, PhraseRequest
from stream.play.programme import HISTORY_NOTES, Programme


def phrase(*notes, length=192):
    return Phrase(notes, length, 120.0, index=0, tune=0, style="", voice="", seed=0)


def test_the_first_request():
    controls = Controls(bpm=90.0)
    assert Programme(7, controls).request == PhraseRequest(
        index=0, tune=0, opening=True, seed=7, bars=2, parent=-1, history=(), controls=controls
    )


def test_history_leads_up_to_the_phrase():
    programme = Programme(7).after(phrase(Note(0, 96, 60), Note(96, 48, 62)))
    programme = programme.after(phrase(Note(48, 48, 64), length=384))
    assert programme.request == PhraseRequest(
        index=2,
        tune=0,
        opening=False,
        seed=7,
        bars=4,
        parent=1,
        history=(Note(-576, 96, 60), Note(-480, 48, 62), Note(-336, 48, 64)),
    )


def test_form():
    programme = Programme(7)
    form = []
    for _ in range(18):
        form.append((programme.request.tune, programme.request.opening))
        programme = programme.after(phrase())
    assert form == [(i // 8, i in {0, 8, 16}) for i in range(18)]


@given(st.lists(st.integers(0, 40), max_size=12))
def test_history_is_bounded_and_before_now(counts):
    programme = Programme(0)
    for count in counts:
        programme = programme.after(phrase(*(Note(i, 1, 60) for i in range(count))))
    history = programme.request.history
    assert len(history) == min(sum(counts), HISTORY_NOTES)
    assert all(one.onset <= two.onset for one, two in itertools.pairwise(history))
    assert all(note.onset < 0 for note in history)
