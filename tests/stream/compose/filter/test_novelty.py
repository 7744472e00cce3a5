import numpy as np
import pytest

from stream.compose.filter import novelty
from stream.compose.filter.novelty import HISTORY_RUN, STORE_BYTES, Corpus, RunHistory

NO_NOTES = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def melody(seed, count=60):
    rng = np.random.default_rng(seed)
    return rng.integers(50, 80, count), rng.choice([6, 12, 24], count)


def part(tune, begin, end, shift=0):
    return tune[0][begin:end] + shift, tune[1][begin:end]


def joined(*parts):
    return tuple(np.concatenate(series) for series in zip(*parts, strict=True))


def heard(state, past, *melodies):
    return [rule.value for (rule,) in state.rules(past, melodies)]


def test_runs_of_an_earlier_tune_are_counted():
    state, first, second = RunHistory(), melody(1), melody(2)
    state.update((9, 0), first)
    assert heard(state, NO_NOTES, first) == [0]  # it is this very tune that plays
    state.update((9, 1), NO_NOTES)
    candidates = (second, first, part(first, 5, 20, shift=7), part(first, 5, 17))
    assert heard(state, NO_NOTES, *candidates) == [0, 48, 3, 0]
    rules = state.rules(NO_NOTES, candidates)
    assert [rule.passed for (rule,) in rules] == [True, False, False, True]


def test_the_next_composer_goes_on_remembering():
    store = np.zeros(STORE_BYTES, np.uint8)
    tunes = [melody(i) for i in range(3)]
    before = RunHistory(store)
    before.update((0, 0), tunes[0])
    before.update((0, 1), tunes[1])
    after = RunHistory(store)
    assert heard(after, NO_NOTES, *tunes) == [len(tunes[0][0]) - HISTORY_RUN, 0, 0]


def test_a_run_may_begin_in_the_tune_so_far():
    state, first = RunHistory(), melody(1)
    state.update((9, 0), first)
    state.update((9, 1), NO_NOTES)
    past = joined(part(melody(2), 0, 30), part(first, 0, 10))
    assert heard(state, past, part(first, 10, 14), part(melody(3), 0, 9)) == [2, 0]


def test_a_tune_that_grows_is_remembered_once_another_begins():
    state, tune = RunHistory(), melody(1)
    for end in (20, 40, 60):
        state.update((9, 0), part(tune, 0, end))
        assert heard(state, NO_NOTES, tune) == [0]
    state.update((9, 1), melody(2))
    assert heard(state, NO_NOTES, tune) == [48]


def test_memory_is_bounded_and_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr(novelty, "GENERATION", 200)
    state, tunes = RunHistory(), [melody(i) for i in range(30)]
    for i, tune in enumerate(tunes):
        state.update((9, i), tune)
    state.update((9, 30), NO_NOTES)
    known = [count == 48 for count in heard(state, NO_NOTES, *tunes)]
    assert known[:20] == [False] * 20
    assert known[-4:] == [True] * 4


@pytest.mark.parametrize("shared", [8, 9, 15, 40])
def test_the_longest_run_shared_with_the_corpus(shared):
    tunes = [melody(i) for i in range(20)]
    corpus = Corpus(Corpus.table(tunes))
    mine = joined(melody(100), part(tunes[7], 3, 4 + shared, shift=-3), melody(101))
    ((rule,),) = corpus.rules(NO_NOTES, [mine], 12)
    assert rule.value == shared
    assert rule.passed == (shared <= 12)


def test_a_copy_that_began_in_the_tune_so_far_is_as_long_as_it_is():
    tune = melody(5)
    corpus = Corpus(Corpus.table([tune]))
    past = joined(part(melody(6), 0, 50), part(tune, 0, 20))
    assert [r.value for (r,) in corpus.rules(past, [part(tune, 20, 30)], 24)] == [29]
    # No farther into the past than it takes to see that the bound is broken.
    assert [r.value for (r,) in corpus.rules(past, [part(tune, 20, 30)], 10)] == [20]


def test_a_voice_without_a_filter_knows_no_copies():
    assert [r.value for (r,) in Corpus(b"").rules(NO_NOTES, [melody(1)], 8)] == [0]


def test_nothing_at_all():
    assert heard(RunHistory(), NO_NOTES, NO_NOTES, melody(1)) == [0, 0]
    table = Corpus.table([melody(1)])
    assert [r.value for (r,) in Corpus(table).rules(NO_NOTES, [NO_NOTES], 8)] == [0]


def test_what_returns_within_the_tune_is_for_the_form_to_say():
    past, other = melody(1, 40), melody(2, 14)
    again = joined(other, part(past, 10, 30, shift=5))
    rules = novelty.returning_rules(past, [other, again, part(past, 0, 3)], 0.25)
    # Of 34 runs, those of the twenty last notes but the twelve that reach back: eight.
    assert [rule.value for (rule,) in rules] == [0, round(8 / 34, 3), 0]
    strict = novelty.returning_rules(past, [other, again], 0.2)
    assert [rule.passed for (rule,) in strict] == [True, False]


def test_what_a_candidate_shares_with_the_past_is_not_its_own():
    """Its first note is the last of the past: the run that ends there has been played already."""
    tune, fresh = melody(1, 30), melody(2, 5)
    past = joined(tune, part(tune, 0, 29))
    new = joined(part(tune, 29, 30), fresh)
    shares = [novelty.returning_rules(past, [new], 0.0, shared_notes=n)[0][0].value for n in (0, 1)]
    assert shares == [pytest.approx(1 / 6, abs=1e-3), 0.0]
    state = RunHistory()
    state.update((1, 1), tune)
    state.update((1, 2), NO_NOTES)
    assert [state.rules(past, [new], shared_notes=n)[0][0].value for n in (0, 1)] == [1.0, 0.0]
    # What goes on as it did is noticed all the same.
    again = joined(part(tune, 20, 21), part(tune, 21, 25))
    assert state.rules(part(tune, 0, 20), [again], shared_notes=1)[0][0].value == 4.0
