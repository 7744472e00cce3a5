import numpy as np

from export.filter import excerpts
from export.filter.excerpts import REAL
from stream.compose.filter.entropy import FEATURES, features
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, encode_pitch
from stream.compose.tunes.tune import Melody


def melody(pitches, duration=5, *, bar=8, group=0):
    """Notes of one length: class 5 is a unit."""
    tokens = np.array([(*encode_pitch(p), duration) for p in pitches], np.uint8)
    return Melody(tokens, "", "even", group, 24, bar, "major", "")


def rng():
    return np.random.default_rng(0)


def test_a_phrase_is_four_whole_bars():
    assert excerpts.phrase_ends(melody(range(40, 110))).tolist() == [32, 64]


def test_an_event_belongs_to_the_phrase_in_which_it_starts():
    # Notes of three units: the eleventh of each phrase of 32 units reaches into the next.
    assert excerpts.phrase_ends(melody(range(40, 75), 9)).tolist() == [11, 22, 32]


def test_without_bars_there_are_no_phrases():
    assert excerpts.phrase_ends(melody(range(40, 80), bar=0)).tolist() == []


def test_an_excerpt_is_the_tune_up_to_the_end_of_a_phrase():
    tune = melody(range(30, 107), group=3)
    found = excerpts.cut([tune], 9, rng())
    assert [(e.begin, len(e.events)) for e in found] == [(0, 32), (32, 64)]
    assert {(e.style, e.group, e.kind, e.good, e.bar, e.mode) for e in found} == {
        ("even", 3, REAL, True, 8, "major")
    }
    assert (found[1].events == tune.tokens[:64]).all()
    assert len(excerpts.cut([tune], 1, rng())) == 1


def test_a_short_tune_or_one_without_bars_is_one_excerpt():
    short = [melody(range(60, 80)), melody(range(40, 100), bar=0), melody(range(60, 64))]
    assert [(e.begin, len(e.events)) for e in excerpts.cut(short, 4, rng())] == [(0, 20), (0, 60)]


def test_what_is_made_of_a_tune_stays_in_its_group():
    real = excerpts.cut([melody(range(30, 107), group=g) for g in (3, 4)], 2, rng())
    bad = excerpts.corruptions(real, 3, rng())
    assert len(bad) > 6
    assert {e.group for e in bad} == {3, 4}
    assert not any(e.good for e in bad)
    assert {(e.begin, len(e.events)) for e in bad} == {(0, 32), (32, 64)}


def test_features_are_those_of_the_runtime():
    """Rests left out, the notes before the phrase as past."""
    (excerpt,) = excerpts.cut([melody(range(40, 75))], 1, rng())
    events = np.vstack([excerpt.events, [[REST, REST_OCTAVE, 5]], excerpt.events[:5]])
    later = excerpts.Excerpt("even", 0, REAL, events, 32)
    past = (np.arange(40, 72), np.full(32, 12))
    phrase = (np.arange(40, 45), np.full(5, 12))
    table = excerpts.table([excerpt, later])
    assert table.shape == (2, len(FEATURES))
    np.testing.assert_array_equal(table[0], features([past])[0])
    np.testing.assert_array_equal(table[1], features([phrase], past)[0])
    assert excerpts.table([]).shape == (0, 66)
