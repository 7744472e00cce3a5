import numpy as np

from export.melody import copies
from stream.compose.melody.vocabulary import REST, REST_OCTAVE, encode_pitch
from stream.compose.tunes.tune import Melody


def melody(pitches, rests=()):
    """Notes of a unit each, rests after the notes of these numbers."""
    tokens = []
    for i, pitch in enumerate(pitches):
        tokens.append((*encode_pitch(pitch), 5))
        tokens += [(REST, REST_OCTAVE, 8)] * (i in rests)
    return Melody(np.array(tokens, np.uint8), "", "even", 0, 24, 4, "major", "")


def random(seed, count=80):
    return np.random.default_rng(seed).integers(50, 80, count).tolist()


def test_the_longest_runs_of_tunes():
    corpus = [melody(random(i)) for i in range(10)]
    table = copies.corpus_table(corpus)
    mine = [melody(random(50)), melody(random(51) + [p + 2 for p in random(3)[:21]], rests=(85,)),
            melody(random(4))]  # fmt: skip
    # The 8 is a chance hit of the filter.
    assert copies.longest_copies(table, mine).tolist() == [8, 20, 79]


def test_the_usual_copy_is_a_percentile_but_no_less_than_the_filter_can_see():
    table = copies.corpus_table([melody(random(0))])
    strangers = [melody(random(i)) for i in range(1, 20)]
    assert copies.usual_copy(table, strangers) == 8
    alike = [melody(random(0)[: 10 + i]) for i in range(1, 21)]
    assert copies.usual_copy(table, alike) == 27
