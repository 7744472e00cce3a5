"""Tiny tunes in the layout of the corpora."""

import numpy as np
import pytest

MASK = {"C": 0b000010010001, "G7": 0b100010100100}
"""Pitch classes, bit 0 = C."""


@pytest.fixture
def archive(tmp_path):
    """Writes tunes, each (pitches, onsets, durations) in ticks of 48 a quarter, to an archive."""

    def write(tunes, metres=None, groups=None, chords=None, **more):
        columns = [np.concatenate(column) for column in zip(*tunes, strict=True)]
        count = len(tunes)
        arrays = {
            "pitch": columns[0].astype(np.uint8), "onset": columns[1], "duration": columns[2],
            "tune_start": np.cumsum([0, *(len(tune[0]) for tune in tunes)]),
            "ticks_per_quarter": np.array(48), "title": np.array([f"t{i}" for i in range(count)]),
            "meter": np.array(metres or ["4/4"] * count),
            "variant_group": np.array(groups or range(count)),
        }  # fmt: skip
        if chords is not None:
            rows = [row for part in chords for row in part]
            arrays |= {
                "chord_start": np.cumsum([0, *map(len, chords)]),
                "chord_onset": np.array([row[0] for row in rows]),
                "chord_duration": np.array([row[1] for row in rows]),
                "chord_bass": np.array([row[3] for row in rows]),
                "chord_pitch_classes": np.array([MASK[row[2]] for row in rows]),
            }
        path = tmp_path / "tunes.npz"
        np.savez(path, **(arrays | more))
        return path

    return write


@pytest.fixture
def wandering():
    """Rows of classes, each of two halves that are alike."""

    def rows(count, half=40, seed=1):
        steps = np.random.default_rng(seed).integers(-2, 3, (count, half)).cumsum(1)
        lines = 10 + steps.clip(-8, 8)
        return [np.concatenate([line, line]) for line in lines]

    return rows
