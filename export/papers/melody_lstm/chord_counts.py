"""The baselines of the chord head: predictions of the chord under a segment by counting alone.

All are given the melody up to the segment and the chords before it. Conventions: E segments, all
but the first 32 of each tune, K chords; a prediction is float64 [E, K].
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from export.models.ngram import Floats, witten_bell
from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.ngrams import table
from export.papers.melody_lstm.segments import PITCHES, SEGMENTS, WINDOW, Ints, Lead


def targets(leads: Sequence[Lead]) -> Ints:
    """Return the target chords [E]."""
    return np.concatenate([lead.chord[WINDOW:] for lead in leads])


def most_frequent(train: Sequence[Lead], test: Sequence[Lead]) -> Floats:
    """Return p(k) = (count(k) + 1) / (N + K) by the training set, for every segment."""
    counts = np.bincount(targets(train), minlength=CHORDS) + 1.0
    return np.tile(counts / counts.sum(), (len(targets(test)), 1))


def repeated(train: Sequence[Lead], test: Sequence[Lead]) -> Floats:
    """Return the share of held chords in the training set for the chord before.

    All other chords have the same probability.
    """
    before, now = contexts(train)[0], targets(train)
    stays = (before == now).mean()
    last = contexts(test)[0]
    out = np.full((len(last), CHORDS), (1 - stays) / (CHORDS - 1))
    out[np.arange(len(last)), last] = stays
    return out


def chord_n_gram(train: Sequence[Lead], test: Sequence[Lead]) -> Floats:
    """Return a Witten-Bell n-gram (`export.models.ngram`), whose contexts grow in this order.

    Chord before, place in the measure, pitch, pitch before.
    """
    sizes = (CHORDS, SEGMENTS, PITCHES, PITCHES)
    known, asked = contexts(train), contexts(test)
    symbols, counts = targets(train), []
    for n in range(len(sizes) + 1):
        numbers = [
            np.ravel_multi_index(part[:n], sizes[:n]) if n else np.zeros(len(part[0]), np.int64)
            for part in (known, asked)
        ]
        counts.append(table(numbers[0], symbols, CHORDS)(numbers[1]))
    lowest = np.full((len(asked[0]), CHORDS), 1 / CHORDS)
    *_, highest = accumulate(counts, witten_bell, initial=lowest)
    return highest


def contexts(leads: Sequence[Lead]) -> tuple[Ints, ...]:
    """Return chord before, place, pitch and pitch before of every segment: [E] each."""
    rows = [
        (
            lead.chord[WINDOW - 1 : -1],
            np.arange(WINDOW, len(lead)) % SEGMENTS,
            lead.pitch[WINDOW:],
            lead.pitch[WINDOW - 1 : -1],
        )
        for lead in leads
        if len(lead) > WINDOW
    ]
    return tuple(np.concatenate(column) for column in zip(*rows, strict=True))


BASELINES = {
    "most frequent chord": most_frequent,
    "chord before, again": repeated,
    "chord n-gram": chord_n_gram,
}
