"""The memory of a tune: bars that return by the controls."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose import memory
from stream.compose.composer import Composer
from stream.compose.memory import LOOP, NEVER
from stream.music.note import Controls, PhraseRequest
from stream.music.stream_position import opening
from stream.voices.spec import find_voice
from tests.stream.compose.conftest import CHORALE, LEAD, OUTLINED, PIANO, TINY

SHARES = st.floats(0, 1)


def request(pitch, rhythm, seed=3, tune=0, **more):
    controls = Controls(pitch_memory=pitch, rhythm_memory=rhythm)
    return PhraseRequest(0, tune, seed, controls=controls, **more)


def tune_of(voice, seed=3, number=1, **controls):
    """The phrases of the first tunes of a stream."""
    composer = Composer(voice)
    position = opening(seed, Controls(**{"candidates": 4, "ensemble": "solo", **controls}))
    phrases = []
    while position.tune < number:
        phrases.append(composer.compose(position.request))
        position = position.after(phrases[-1])
    return phrases


def bars_of(phrases):
    """The notes of each bar of what was composed, with onsets in the bar."""
    new = [p for p in phrases if p.verdict.candidates]
    bar, begin, found = new[0].bar, 0, {}
    for phrase in new:
        for n in phrase.notes:
            at, onset = divmod(begin + n.onset, bar)
            found.setdefault(at, []).append((onset, n.duration, n.pitch))
        begin += phrase.length
    return [found.get(at, []) for at in range(-(-begin // bar))]


def pitches(bar):
    return [pitch for *_, pitch in bar]


def rhythm(bar):
    return [(onset, duration) for onset, duration, _ in bar]


@pytest.mark.parametrize("voice", [OUTLINED, TINY, find_voice("commons")], ids=lambda v: v.stem)
@pytest.mark.parametrize("seed", range(3))
def test_lock(voice, seed):
    phrases = tune_of(voice, seed, pitch_memory=1.0, rhythm_memory=1.0)
    bars = bars_of(phrases)
    print(phrases[0].style, phrases[0].bar, [p.length for p in phrases], ''.join(p.letter for p in phrases))
    for at, (one, other) in enumerate(zip(bars, bars[LOOP:])):
        if one != other:
            print(at + LOOP, len(bars), one, other)
