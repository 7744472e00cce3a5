"""Metrics of `smg-metrics` (version 5.4.3), a package apart: its program `smg-eval` is called.

Of its fifteen metrics of one file, two are left out: one asks for a key, which not every system
has, the other for seconds, which nobody gave. The sources of each are in the package's own
description.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.ensemble.two_sample import Sample, Table
from benchmarks.field.excerpt import Excerpt
from stream.errors import SettingsError

METRICS = {
    "pce": "pitch-class entropy, bits",
    "sc": "scale consistency",
    "ook": "steps with a note out of key",
    "che": "entropy of chords, bits",
    "gs": "groove similarity of bars",
    "ngram_div": "diversity of 4-grams",
    "ebr": "empty beats",
    "polyphony": "notes at a time",
    "polyphony_rate": "steps with two notes",
    "pitch_entropy": "entropy of pitches, bits",
    "pitch_range": "range, semitones",
    "n_pitches_used": "pitches",
    "n_pitch_classes_used": "pitch classes",
}
"""Metrics by their name in the package."""


def measured(program: Path, sets: Mapping[str, Sequence[Excerpt]]) -> dict[str, Sample]:
    """Return the metrics [N, M] of each set of excerpts; NaN where a metric has no value.

    Raises `SettingsError` if the program cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        names = {
            name: [f"{i}-{j}.mid" for j in range(len(excerpts))]
            for i, (name, excerpts) in enumerate(sets.items())
        }
        for name, excerpts in sets.items():
            for file, excerpt in zip(names[name], excerpts, strict=True):
                excerpt.write(Path(folder, file))
        found = _run(program, Path(folder))
    return {
        name: Sample(
            np.array([_row(found[file]) for file in names[name]]).reshape(-1, len(METRICS)),
            np.array([excerpt.group for excerpt in excerpts]),
        )
        for name, excerpts in sets.items()
    }


def distance(real: Table, other: Table) -> float:
    """Return how far the means are apart, in standard deviations of the real ones, on average.

    Metrics that do not vary among the real excerpts are left out.
    """
    sd = np.nanstd(real, axis=0)
    apart = np.abs(np.nanmean(other, axis=0) - np.nanmean(real, axis=0))
    return float(np.nanmean(apart[sd > 0] / sd[sd > 0]))


def _run(program: Path, folder: Path) -> dict[str, dict[str, float | None]]:
    command = [program, "-m", folder, "--all-single", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SettingsError(
            f"--smg-eval {program}: cannot be run ({error}); give the program of smg-metrics"
        ) from error
    text = done.stdout
    found: dict[str, dict[str, float | None]] = json.loads(text[text.index("{") :])
    return found


def _row(found: Mapping[str, float | None]) -> list[float]:
    values = (found[name] for name in METRICS)
    return [np.nan if value is None else float(value) for value in values]
