"""What counting alone knows of the chord under a segment: the baselines of the chord head.

All are told the melody up to the segment and the chords before it. Conventions: E segments, all but
the first 32 of each tune, K chords; a prediction is [E, K].
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from export.models.ngram import Floats, witten_bell
from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.ngrams import table
from export.papers.melody_lstm.segments import PITCHES, SEGMENTS, WINDOW, Ints, Lead


def wanted(leads: Sequence[Lead]) -> Ints:
    """The chords [E] that came."""
    return np.concatenate([lead.chord[WINDOW:] for lead in leads])


def most_frequent(learnt: Sequence[Lead], heard: Sequence[Lead]) -> Floats:
    """Each chord as often as in what was learnt, with one of each added."""
    counts = np.bincount(wanted(learnt), minlength=CHORDS) + 1.0
    return np.tile(counts / counts.sum(), (len(wanted(heard)), 1))


def repeated(learnt: Sequence[Lead], heard: Sequence[Lead]) -> Floats:
    """The chord before, as often as chords stay in what was learnt; or any other, alike."""
    before, now = contexts(learnt)[0], wanted(learnt)
    stays = (before == now).mean()
    last = contexts(heard)[0]
    out = np.full((len(last), CHORDS), (1 - stays) / (CHORDS - 1))
    out[np.arange(len(last)), last] = stays
    return out


def chord_n_gram(learnt: Sequence[Lead], heard: Sequence[Lead]) -> Floats:
    """Witten-Bell over the chord before, the place in the measure, the pitch, the pitch before."""
    sizes = (CHORDS, SEGMENTS, PITCHES, PITCHES)
    known, asked = contexts(learnt), contexts(heard)
    symbols, counts = wanted(learnt), []
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
    """Chord before, place, pitch, pitch before, of every segment: [E] each."""
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
