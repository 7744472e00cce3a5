"""The forms of real tunes: which of their phrases come back (see `stream.compose.form`)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from export.filter.excerpts import PHRASE_BARS, phrase_ends
from export.melody.copies import notes
from stream.compose.filter import note_runs
from stream.compose.filter.novelty import HISTORY_RUN
from stream.compose.melody.sampler import LENGTHS
from stream.compose.tunes.outlines import LONGEST, SHORTEST
from stream.compose.tunes.tune import Melody

USUAL, SHORT = 90, 25
MOST_COMMON = 40
"""Number of forms of a style, the most common ones."""

Phrase = NDArray[np.uint8]


def _cut(melody: Melody) -> list[tuple[Phrase, bool]]:
    """Return phrases, and whether each is whole: the last may lack a bar, as after an upbeat."""
    if not melody.bar:
        return []
    *whole, last = np.split(melody.tokens, phrase_ends(melody))
    return [*((phrase, True) for phrase in whole), (last, False)]


def forms(melodies: Iterable[Melody]) -> dict[str, float]:
    """Return the share of each of the most common forms; `abcd` if no tune has one."""
    counts = Counter(filter(None, map(form, melodies)))
    common = counts.most_common(MOST_COMMON)
    total = sum(n for _, n in common)
    return {name: round(n / total, 4) for name, n in common} or {"abcd": 1.0}


def form(melody: Melody) -> str:
    """Return a letter for each phrase of the tune; empty for a tune too short, or without bars.

    A phrase whose events are those of an earlier one has its letter, one that begins like it for
    at least half of its events has the capital. Longer tunes are cut.
    """
    cut = _cut(melody)
    if cut and not cut[-1][1] and _ticks(cut[-1][0]) < 6 * melody.bar * PHRASE_BARS:
        cut.pop()
    if len(cut) < SHORTEST:
        return ""
    known: list[Phrase] = []
    return "".join(_letter(phrase, known) for phrase, _ in cut[:LONGEST])


def returning(melodies: Iterable[Melody]) -> float:
    """Return the percentile `USUAL` of the share of a new phrase's runs that came before.

    New is a phrase that opens a letter of the tune's form.
    """
    shares = [share for melody in melodies for share in _returns(melody)]
    return round(float(np.percentile(shares, USUAL)), 3) if shares else 1.0


def _returns(melody: Melody) -> Iterator[float]:
    letters, end = form(melody), 0
    for k, (phrase, _) in enumerate(_cut(melody)[: len(letters)]):
        begin, end = end, end + len(phrase)
        if k and letters.lower().index(letters[k].lower()) == k:
            before, all_ = (_keys(melody, stop) for stop in (begin, end))
            if len(all_) > len(before):
                yield float(np.isin(all_[len(before) :], before).mean())


def _keys(melody: Melody, stop: int) -> NDArray[np.uint64]:
    """Return the runs of the first `stop` events."""
    part = dataclasses.replace(melody, tokens=melody.tokens[:stop])
    return note_runs.keys(*notes(part), HISTORY_RUN)


def last_note(melodies: Iterable[Melody]) -> float:
    """Return the percentile `SHORT` of the units of the tunes' last notes."""
    ends = [float(notes(melody)[1][-1]) / 12 for melody in melodies if len(notes(melody)[1])]
    return round(float(np.percentile(ends, SHORT)), 3) if ends else 0.0


def _letter(phrase: Phrase, known: list[Phrase]) -> str:
    alike = [_common(phrase, other) / len(other) for other in known]
    best = int(np.argmax(alike)) if alike else -1
    if alike and alike[best] == 1 and len(phrase) == len(known[best]):
        return ascii_lowercase[best]
    if alike and alike[best] >= 0.5:
        return ascii_lowercase[best].upper()
    known.append(phrase)
    return ascii_lowercase[len(known) - 1]


def _common(one: Phrase, other: Phrase) -> int:
    """Return the number of events from the head that are the same."""
    n = min(len(one), len(other))
    return int(np.cumprod((one[:n] == other[:n]).all(1)).sum())


def _ticks(phrase: Sequence[NDArray[np.uint8]] | Phrase) -> int:
    return int(LENGTHS[np.asarray(phrase)[:, 2]].sum())
