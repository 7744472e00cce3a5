import numpy as np

from benchmarks.music.real.related import strangers, with_families
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.tunes.tune import Melody


def melody(pitches, group, split):
    tokens = np.array([[*encode_pitch(p), 5] for p in pitches], np.uint8)
    return Melody(tokens, "", "even", group, 24, 4, "", split)


def pitches(seed, count=40):
    return np.random.default_rng(seed).integers(50, 80, count).tolist()


def test_variants_have_one_group_and_stay_in_their_split():
    tunes = [
        melody(pitches(0), 10, "train"),
        melody([p + 3 for p in pitches(0)[:30]] + pitches(1, 10), 11, "test"),  # moved, a new end
        melody(pitches(2), 12, "train"),
        melody(pitches(3), 12, "train"),  # a group of the corpus itself
        melody(pitches(4), 13, "valid"),
    ]
    found = with_families(tunes)
    groups = [m.group for m in found]
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert len(set(groups)) == 3
    assert [m.split for m in found] == ["train", "test", "train", "train", "valid"]
    held = [m for m in found if m.split != "train"]
    train = [m for m in found if m.split == "train"]
    assert [m.tokens.tolist() for m in strangers(train, held)] == [
        m.tokens.tolist() for m in tunes[2:4]
    ]


def test_a_split_that_the_corpus_leaves_open_is_that_of_the_old_group():
    tunes = [melody(pitches(0), number, "") for number in range(40)]
    found = with_families(tunes)
    assert len({m.group for m in found}) == 1
    assert len({m.split for m in found}) > 1
