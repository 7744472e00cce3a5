"""Features of excerpts in four parts, by which a classifier tells composed ones from real ones.

Conventions: T frames of a sixteenth; parts from the soprano down; `pitch` int64 [T, 4], 0 for a
rest; `struck` bool [T, 4].
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from stream.compose.companions.four_parts import texture
from stream.compose.companions.four_parts.frames import ORDER
from stream.compose.companions.four_parts.line import line
from stream.compose.companions.four_parts.reference import heard, reference
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.polyphony.voicing import QUALITIES
from stream.music.scale import MAJOR, OCTAVE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 5
RANGES = np.array(((60, 81), (53, 76), (48, 69), (36, 64)))
"""Lowest and highest pitch of soprano, alto, tenor and bass."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Four bars or less, with the tune that they are from."""

    pitch: Ints
    struck: NDArray[np.bool_]
    zero: int
    """The reference of the soprano."""
    bar: int
    """Frames in a bar."""
    beat: int
    group: int
    """The folds of the classifier never divide a group."""

    @property
    def bars(self) -> float:
        return len(self.pitch) / self.bar


def excerpt(score: Score, group: int) -> Excerpt:
    """Return the phrase of a score."""
    count = score.length // FRAME
    first = score.length - FRAME * count
    rows = [line(heard(score), first, count)]
    rows += [line(score.notes(role), first, count) for role in reversed(ORDER)]
    pitch, struck = (np.stack([getattr(row, n) for row in rows], 1) for n in ("pitch", "struck"))
    beat = score.beat // FRAME
    return Excerpt(pitch, struck, reference(score), score.bar // FRAME, beat, group)


def measures(one: Excerpt) -> dict[str, float]:
    """Return what the books of harmony count, parallels and crossings a bar, ranges as a share."""
    sounds = one.pitch > 0
    found = texture.measured(one.pitch, one.bar, one.beat)
    beyond = sounds & ((one.pitch < RANGES[:, 0]) | (one.pitch > RANGES[:, 1]))
    lower = beyond[:, 1:].sum() / max(int(sounds[:, 1:].sum()), 1)
    begun = np.diff(texture.crossed(one.pitch).astype(int), prepend=0) > 0
    return {
        "parallels": found["parallels"],
        "crossings": float(begun.sum() / one.bars),
        "out of range": float(lower),
        "leaps": found["leaps"],
        "wide spacing": found["wide"],
        "chords on beats": found["chords"],
    }


def features(one: Excerpt) -> Floats:
    """Return everything that the classifier hears."""
    parts = (
        *_spacing(one), *_motions(one), *_melodies(one), *_rhythm(one), *_harmony(one),
        *measures(one).values(),
    )  # fmt: skip
    return np.nan_to_num(np.array(parts, float))


def _spacing(one: Excerpt) -> list[float]:
    """Intervals between neighbors, and the place of each part below the soprano."""
    found: list[float] = []
    for upper, lower in combinations(range(4), 2):
        both = (one.pitch[:, upper] > 0) & (one.pitch[:, lower] > 0)
        interval = one.pitch[both, upper] - one.pitch[both, lower]
        found += [_mean(interval), _sd(interval), *(_mean(interval % OCTAVE == k) for k in (0, 7))]
        if lower == upper + 1:
            found += [_mean(np.abs(interval) <= 2), _mean(interval > OCTAVE), _mean(interval <= 4)]
    return found


def _motions(one: Excerpt) -> list[float]:
    """Shares of contrary, similar and oblique motion of each two parts."""
    changes = np.flatnonzero((np.diff(one.pitch, axis=0) != 0).any(1))
    moves = np.sign(one.pitch[changes + 1] - one.pitch[changes])
    found = []
    for a, b in combinations(range(4), 2):
        product = moves[:, a] * moves[:, b]
        found += [_mean(product > 0), _mean(product < 0)]
    return found


def _melodies(one: Excerpt) -> list[float]:
    """Melodic intervals, ambitus and place of alto, tenor and bass."""
    found: list[float] = []
    for part in range(1, 4):
        sounding = one.pitch[one.struck[:, part], part]
        step = np.abs(np.diff(sounding))
        found += [
            _mean(step == 0),
            _mean(step == 1),
            _mean(step == 2),
            _mean((step > 2) & (step < 5)),
        ]
        found += [_mean(step >= 5), _mean(step == 6), _sd(sounding), len(set(sounding.tolist()))]
        turns = np.sign(np.diff(sounding))
        found.append(_mean(turns[1:] * turns[:-1] < 0))
    return found


def _rhythm(one: Excerpt) -> list[float]:
    """Onsets a beat of each part, on and off beats, alone or with the soprano."""
    beats = len(one.pitch) / one.beat
    place = (np.arange(len(one.pitch)) - len(one.pitch)) % one.beat
    soprano = one.struck[:, 0]
    found = [float(soprano.sum() / beats)]
    for part in range(1, 4):
        struck = one.struck[:, part]
        found += [
            struck.sum() / beats, (struck & (place == 0)).sum() / beats,
            (struck & (place % 2 == 1)).sum() / beats, (struck & ~soprano).sum() / beats,
            (soprano & ~struck).sum() / beats, _mean(one.pitch[:, part] == 0),
        ]  # fmt: skip
    return found


def _harmony(one: Excerpt) -> list[float]:
    """Chords on beats: qualities, inversions, doublings, roots; dissonance elsewhere; changes."""
    on_beats = [row[row > 0] for row in one.pitch[len(one.pitch) % one.beat :: one.beat]]
    on_beats = [row for row in on_beats if len(row)]
    named = [_chord(row) for row in on_beats]
    names = [(quality, (root - one.zero) % OCTAVE) for quality, root, _ in named]
    found = [_mean([name[0] == q for name in names]) for q in range(-1, 7)]
    found += [_mean([(root % OCTAVE) == d for _, root in names]) for d in (*MAJOR, 10)]
    found += [_mean([place == k for *_, place in named]) for k in range(4)]
    sizes = [len({p % OCTAVE for p in row.tolist()}) for row in on_beats]
    found += [_mean(sizes), _mean([size == 3 for size in sizes]), _mean([s <= 2 for s in sizes])]
    changes = [a != b for a, b in zip(names[1:], names, strict=False)]
    found += [_mean(changes), float(len(set(names)) / max(one.bars, 1))]
    scale = {(one.zero + step) % OCTAVE for step in MAJOR}
    lower = one.pitch[:, 1:]
    found.append(_mean(~np.isin(lower[lower > 0] % OCTAVE, list(scale))))
    off = [row[row > 0].tolist() for row in one.pitch[one.beat // 2 :: one.beat]]
    found.append(_mean([texture.is_chord(row) for row in off]))
    doubled = [_doubled(row, root) for row, (_, root, _) in zip(on_beats, named, strict=True)]
    found += [_mean([d == k for d in doubled]) for k in (0, 3, 4, 7)]
    last = one.pitch[-1]
    return [*found, (last[3] - one.zero) % OCTAVE, (last[0] - last[3]) % OCTAVE]


def _chord(row: Ints) -> tuple[int, int, int]:
    """Return quality (-1: none), root, and which tone of the chord is the lowest."""
    classes = {int(p) % OCTAVE for p in row}
    bass = int(row.min()) % OCTAVE
    for quality in range(7):
        steps = QUALITIES[quality][1]
        for place, step in enumerate(steps):
            root = (bass - step) % OCTAVE
            tones = {(root + s) % OCTAVE for s in steps}
            if classes <= tones and {root, (root + steps[1]) % OCTAVE} <= classes:
                return quality, root, place
    return -1, bass, 0


def _doubled(row: Ints, root: int) -> int:
    """Return the semitones above the root of the pitch class that sounds twice; -1 for none."""
    steps = [(int(p) - root) % OCTAVE for p in row]
    return next((s for s in sorted(set(steps)) if steps.count(s) > 1), -1)


def _mean(values: object) -> float:
    array = np.asarray(values, float)
    return float(array.mean()) if array.size else 0.0


def _sd(values: Ints) -> float:
    return float(values.std()) if len(values) else 0.0


def auc(ours: list[Excerpt], real: list[Excerpt], seed: int = 0) -> tuple[float, float]:
    """Return the area under the curve of a two-sample test, mean and SD over the folds.

    Boosted trees are trained to tell the excerpts apart; no tune is in training and test.
    """
    rows = np.array([features(each) for each in (*ours, *real)])
    labels = np.repeat([1, 0], [len(ours), len(real)])
    groups = np.array([each.group for each in (*ours, *real)])
    found = []
    for train, test in GroupKFold(FOLDS).split(rows, labels, groups):
        trees = GradientBoostingClassifier(
            n_estimators=150, max_depth=3, learning_rate=0.08, subsample=0.7, max_features="sqrt",
            random_state=seed,
        )  # fmt: skip
        scores = trees.fit(rows[train], labels[train]).predict_proba(rows[test])[:, 1]
        found.append(float(roc_auc_score(labels[test], scores)))
    return float(np.mean(found)), float(np.std(found, ddof=1))
