import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.music.copying import GRAMS, LONGEST, SHORTEST, PlayedRuns, returning, shared


def melody(seed, notes):
    rng = np.random.default_rng(seed)
    return rng.integers(40, 80, notes), rng.choice([6, 12, 24], notes)


def joined(*parts):
    return tuple(np.concatenate([p[i] for p in parts]) for i in range(2))


def cut(one, begin, end):
    return one[0][begin:end], one[1][begin:end]


def pairs(one):
    pitch, length = (list(map(int, series)) for series in one)
    return [(b - a, d) for a, b, d in zip(pitch, pitch[1:], length[1:], strict=False)]


def grams(one, run):
    found = pairs(one)
    return [tuple(found[i : i + run]) for i in range(len(found) - run + 1)]


def test_the_longest_run_is_found_in_any_key_and_runs_end_where_tunes_do():
    corpus = [melody(1, 60), melody(2, 90), melody(3, 100)]
    theft = cut(corpus[1], 30, 51)
    tunes = [
        joined(melody(9, 20), (theft[0] + 5, theft[1]), melody(8, 20)),
        melody(6, 50),
        cut(corpus[2], 10, 95),
        cut(corpus[0], 50, 60),
        cut(corpus[1], 0, 3),
        joined(cut(corpus[0], 57, 60), cut(corpus[1], 0, 3)),
    ]
    found = shared(tunes, corpus)
    assert found.longest.tolist() == [20, 0, LONGEST, 9, 0, 0]
    assert {g: found.counts[g].tolist() for g in GRAMS} == {
        8: [53, 42, 77, 2, 0, 0],
        12: [49, 38, 73, 0, 0, 0],
    }
    assert {g: found.hits[g].tolist() for g in GRAMS} == {
        8: [13, 0, 77, 2, 0, 0],
        12: [9, 0, 73, 0, 0, 0],
    }
    some = found.part(np.array([True, True, False, True, False, False]))
    assert some.longest.tolist() == [20, 0, 9]
    assert (some.share(8), some.share(12)) == (15 / 97, 9 / 87)


SERIES = arrays.arrays(np.int64, st.integers(1, 40), elements=st.integers(60, 62))


@given(tunes=st.lists(SERIES, min_size=1, max_size=4), corpus=st.lists(SERIES, min_size=1))
def test_shared_runs_agree_with_a_plain_search(tunes, corpus):
    tunes, corpus = ([(p, p % 2 * 6 + 6) for p in some] for some in (tunes, corpus))
    found = shared(tunes, corpus)
    known = {run: {g for m in corpus for g in grams(m, run)} for run in range(SHORTEST, 41)}
    for tune, longest in zip(tunes, found.longest, strict=True):
        runs = [run for run in known if known[run] & set(grams(tune, run))]
        assert longest == max(runs, default=0)
    for g in GRAMS:
        assert found.hits[g].tolist() == [sum(x in known[g] for x in grams(m, g)) for m in tunes]


@given(SERIES)
def test_a_returning_run_occurred_before(pitch):
    one = pitch, np.full(len(pitch), 12)
    own = grams(one, 4)
    before = [run in own[:i] for i, run in enumerate(own)]
    np.testing.assert_allclose(returning(one, 4), np.mean(before) if own else np.nan)


def test_a_theme_played_twice_returns_except_at_the_splice():
    theme = melody(1, 40)
    assert returning(theme, 12) == 0
    assert returning(joined(theme, theme), 12) == 28 / 68
    assert np.isnan(returning(melody(1, 12), 12))


def test_played_runs_return_the_time_of_the_last_play():
    played, theme = PlayedRuns(12), melody(1, 20)
    assert played.play(joined(theme, melody(2, 30), theme), 10.0) == -np.inf
    assert played.play(melody(3, 30), 20.0) == -np.inf
    assert played.play(joined(melody(4, 5), theme), 30.0) == 10.0
    assert played.play(melody(3, 30), 40.0) == 20.0
    assert played.play(theme, 50.0) == 30.0
    assert played.play(cut(theme, 0, 12), 60.0) == -np.inf
