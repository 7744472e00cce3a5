"""Novelty rules: no repeats of what this stream has played, and no copies of the corpus.

Conventions: K candidates; melodies are notes in order, pitch [n] and length [n] in twelfths of a
unit. `past` is the tune so far. The first `shared_notes` of each candidate belong to the past too:
a chord that may continue (`polyphony.chords.changes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter import note_runs
from stream.compose.filter.bloom import Bloom, Keys
from stream.compose.filter.entropy import NoteSeries
from stream.music.verdict import Rule

HISTORY_RUN = 12
"""Pairs in a run that no later tune may share; within a tune, form may bring it back."""
GENERATION = 2**16
"""Runs in a generation: nearly seven hours of music at 120 beats a minute."""
HISTORY_BYTES, HISTORY_PROBES = 2 * GENERATION, 8
STORE_BYTES = 16 + 2 * HISTORY_BYTES
"""Bytes of two counters and two filters."""
CORPUS_RUN, CORPUS_PROBES = 8, 5
"""Parameters of the corpus filter inside a voice; changing them makes older voices unreadable."""


class RunHistory:
    """The runs of the tunes played in the last hours, in bounded memory.

    Two filters take turns: when the younger is full, the older is emptied and becomes the younger.
    So between one and two generations are stored. All of it lies in `store`, uint8 [STORE_BYTES],
    which may outlive this process; zeros are an empty history.
    """

    def __init__(self, store: NDArray[np.uint8] | None = None) -> None:
        store = np.zeros(STORE_BYTES, np.uint8) if store is None else store
        self._counters = store[:16].view(np.uint64)
        """Count of runs in the younger filter, and the index of that filter."""
        self._filters = [Bloom(half, HISTORY_PROBES) for half in store[16:].reshape(2, -1)]
        self._tune: tuple[int, int] | None = None
        self._keys: Keys = np.zeros(0, np.uint64)

    def update(self, tune: tuple[int, int], melody: NoteSeries) -> None:
        """Set the melody of `tune` so far; it is stored once another tune begins."""
        if tune != self._tune:
            self._add(self._keys)
        self._tune = tune
        self._keys = note_runs.keys(*melody, HISTORY_RUN)

    def rules(
        self, past: NoteSeries, melodies: Sequence[NoteSeries], shared_notes: int = 0
    ) -> list[tuple[Rule, ...]]:
        """Return, for each candidate, the rule that it shares no run with an earlier tune."""
        keys, valid = _keys(past, melodies, HISTORY_RUN, shared_notes=shared_notes)
        shared = (self._filters[0].holds(keys) | self._filters[1].holds(keys)) & valid
        return [(Rule("heard_before", float(n), 0.0, 0.0),) for n in shared.sum(1)]

    def _add(self, keys: Keys) -> None:
        count, younger = map(int, self._counters)
        if count + len(keys) > GENERATION:
            count, younger = 0, 1 - younger
            self._filters[younger].table[:] = 0
        self._filters[younger].add(keys)
        self._counters[:] = count + len(keys), younger


class Corpus:
    """The runs of the training corpus, from the filter inside a voice; without one, none."""

    def __init__(self, table: bytes) -> None:
        self._bloom = Bloom(np.frombuffer(table or bytes(1), np.uint8), CORPUS_PROBES)

    @staticmethod
    def table(melodies: Iterable[NoteSeries]) -> bytes:
        """Return the filter of a corpus, with a byte for each different run."""
        keys = np.unique(np.concatenate([note_runs.keys(*m, CORPUS_RUN) for m in melodies]))
        bloom = Bloom.empty(max(len(keys), 1), CORPUS_PROBES)
        bloom.add(keys)
        return bloom.table.tobytes()

    def copied(self, melodies: NoteSeries, counts: note_runs.Ints, run: int) -> note_runs.Ints:
        """Return the notes [K] that end a run of the corpus of `run` pairs, 8 or more.

        `melodies` are K melodies in two arrays [K, N], of which the first `counts` [K] notes count.
        """
        keys = note_runs.keys(*melodies, CORPUS_RUN)
        width = run - CORPUS_RUN + 1
        if keys.shape[1] < width:
            return np.zeros_like(counts)
        hits = self._bloom.holds(keys) & note_runs.inside(keys, counts, CORPUS_RUN)
        in_a_row = np.lib.stride_tricks.sliding_window_view(hits, width, axis=1)
        return np.asarray(in_a_row.all(-1).sum(1))

    def rules(
        self, past: NoteSeries, melodies: Sequence[NoteSeries], longest: int
    ) -> list[tuple[Rule, ...]]:
        """Return, for each candidate, the rule on its longest run shared with the corpus.

        At most `longest` pairs are allowed. A run of `CORPUS_RUN` + n pairs is n + 1 runs of the
        filter in a row, so the value is exact except for chance hits and for runs below
        `CORPUS_RUN`, which read as 0.
        """
        lengths = self.shared(past, melodies, longest)
        return [(Rule("copied_run", float(n), 0.0, float(longest)),) for n in lengths]

    def shared(
        self, past: NoteSeries, melodies: Sequence[NoteSeries], reach: int
    ) -> note_runs.Ints:
        """Return the pairs [K] in the longest shared run, up to `reach` notes into the past."""
        keys, valid = _keys(past, melodies, CORPUS_RUN, reach)
        hits = note_runs.longest(self._bloom.holds(keys) & valid)
        return np.where(hits > 0, hits + CORPUS_RUN - 1, 0)


def returning_rules(
    past: NoteSeries, melodies: Sequence[NoteSeries], most: float, shared_notes: int = 0
) -> list[tuple[Rule, ...]]:
    """Return, for each candidate, the rule on its share of runs that repeat this tune.

    At most `most` is allowed. The form decides on repeats; the rest of a tune should be new, as it
    is in real ones.
    """
    keys, valid = _keys(past, melodies, HISTORY_RUN, shared_notes=shared_notes)
    repeated = np.isin(keys, note_runs.keys(*past, HISTORY_RUN)) & valid
    shares = repeated.sum(1) / np.maximum(valid.sum(1), 1)
    return [(Rule("heard_again", share, 0.0, most),) for share in shares.round(3).tolist()]


def _keys(
    past: NoteSeries,
    melodies: Sequence[NoteSeries],
    run: int,
    longest: int = 0,
    shared_notes: int = 0,
) -> tuple[Keys, NDArray[np.bool_]]:
    """Return keys [K, N] of each candidate behind the end of the past, and which are valid."""
    tail = [series[max(len(series) - max(run, longest + 1), 0) :] for series in past]
    counts = np.array([len(pitch) for pitch, _ in melodies])
    rows = [
        np.array([np.concatenate([tail[i], m[i], np.zeros(max(counts) - len(m[i]), np.int64)])
                  for m in melodies])
        for i in range(2)
    ]  # fmt: skip
    keys = note_runs.keys(rows[0], rows[1], run)
    places = np.arange(keys.shape[1])
    first = len(tail[0]) + shared_notes - run if shared_notes else 0
    return keys, (places >= first) & (places < (len(tail[0]) + counts - run)[:, None])
