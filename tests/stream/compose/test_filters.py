import numpy as np

from stream.compose.filters import judge
from stream.compose.sampler import Candidates
from stream.compose.step import Memory
from stream.compose.vocabulary import TWELFTHS, encode_pitch
from stream.note import Rule

UNIT = 5
"""Class of the duration 1."""
BOUNDS = {"pitch_class": (1.5, 2.5), "length": (0.0, 0.5)}


def candidates(melodies, target):
    """Candidates that play the given (pitch, duration class) pairs."""
    longest = max(map(len, melodies))
    tokens = np.zeros((longest, len(melodies), 3), np.int64)
    for k, melody in enumerate(melodies):
        for t, (pitch, duration) in enumerate(melody):
            tokens[t, k] = (*encode_pitch(pitch), duration)
    counts = np.array([len(m) for m in melodies])
    elapsed = np.array([sum(TWELFTHS[d] for _, d in m) for m in melodies])
    memories = tuple(Memory(tokens[-1, k : k + 1], ()) for k in range(len(melodies)))
    return Candidates(tokens, counts, elapsed, target, memories)


DRONE = [(60, UNIT)] * 4
CHORD = [(60, UNIT), (64, UNIT), (67, UNIT), (72 - 1, UNIT)]
SCALE = [(62, UNIT), (64, UNIT), (65, UNIT), (67, UNIT)]
LATE = [*CHORD[:3], (71, 8)]


def test_the_first_that_passes_every_rule_plays():
    best, verdict = judge(candidates([DRONE, CHORD, SCALE], 48), BOUNDS)
    assert (best, verdict.candidates, verdict.accepted, verdict.passed) == (1, 3, 2, True)
    assert verdict.rules == (
        Rule("pitch_class", 2.0, 1.5, 2.5),
        Rule("length", 0.0, 0.0, 0.5),
        Rule("bar_line", 0.0, 0.0, 0.0),
    )


def test_where_none_passes_the_least_bad_plays_and_is_counted():
    best, verdict = judge(candidates([LATE, DRONE], 48), BOUNDS)
    assert (best, verdict.accepted, verdict.passed) == (1, 0, False)
    assert [r.name for r in verdict.rules if not r.passed] == ["pitch_class"]


def test_a_phrase_beyond_the_bar_line_gives_way():
    best, verdict = judge(candidates([LATE, SCALE], 48), {})
    assert (best, verdict.accepted) == (1, 1)
