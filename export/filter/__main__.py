"""Fit a voice's filter to a listener's taste: `python -m export.filter fit RATINGS VOICE OUT`.

RATINGS is the file that `perpetuum rate` writes. Files with four or five stars are good, the others
bad, as in paper 002 (section 4). Each is cut into excerpts of 32 notes with the notes before them;
the fitted thresholds (`export.filter.thresholds`) replace the voice's own on the same features, and
nothing else of the voice changes. A rating that names a style counts for that style alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from export.command_line import run
from export.filter.thresholds import Bounds, Labeled, aligned, quality, strict
from stream.compose.filter import entropy
from stream.errors import CorpusError
from stream.music import ratings
from stream.music.ratings import Rating
from stream.voices.spec import VoiceSpec, load_bytes, replace_spec, verify

GOOD = 4
"""Stars from which a file is good."""
LEAST = 5
"""Smallest number of good files, and of bad ones, that thresholds are fitted to."""
FOLDS = 5
STRETCH = 32
"""Notes of an excerpt's phrase."""


def labeled(rated: Sequence[Rating]) -> tuple[Labeled, np.ndarray[Any, np.dtype[np.int64]]]:
    """Return the features of all excerpts of the rated melodies, and the file's number of each."""
    rows, good, files = [], [], []
    for number, rating in enumerate(rated):
        for past, phrase in _excerpts(rating):
            rows.append(entropy.features([phrase], past)[0])
            good.append(rating.stars >= GOOD)
            files.append(number)
    return Labeled(np.array(rows), np.array(good)), np.array(files)


def _excerpts(rating: Rating) -> Iterator[tuple[entropy.NoteSeries, entropy.NoteSeries]]:
    pitch, length = np.array(rating.notes, np.int64).T
    for end in range(STRETCH, max(len(pitch), STRETCH) + 1, STRETCH):
        begin = end - STRETCH
        yield (pitch[:begin], length[:begin]), (pitch[begin:end], length[begin:end])


def enough(rated: Sequence[Rating]) -> bool:
    """Return True if there are enough good and bad ratings to fit thresholds to."""
    good = sum(r.stars >= GOOD for r in rated)
    return min(good, len(rated) - good) >= LEAST


def fitted(rated: Sequence[Rating]) -> tuple[Bounds, dict[str, float]]:
    """Return thresholds, and their precision and recall on left-out files (5-fold by file)."""
    examples, files = labeled(rated)
    passed = np.zeros(len(files), bool)
    for inside, outside in GroupKFold(FOLDS).split(examples.values, groups=files):
        part = examples.part(inside)
        passed[outside] = examples.part(outside).passing(strict(part, part))
    found = quality(passed, examples.good)
    figures = {"precision": round(found.precision, 3), "recall": round(found.recall, 3)}
    return strict(examples, examples), figures


def refitted(spec: VoiceSpec, rated: Sequence[Rating]) -> tuple[VoiceSpec, dict[str, Any]]:
    """Return the spec with thresholds fitted to the ratings, and the figures of each style.

    Raises `CorpusError` if a rating names a style that the voice lacks, or for too few ratings.
    """
    unknown = {r.style for r in rated} - {"", *spec.styles}
    if unknown:
        raise CorpusError(
            f"style {min(unknown)!r}: voice {spec.name} has only {', '.join(sorted(spec.styles))}"
        )
    bounds, facts = {style: dict(old.bounds) for style, old in spec.styles.items()}, {}
    for style, old in bounds.items():
        own = [r for r in rated if r.style in {"", style}]
        if enough(own):
            new, facts[style] = fitted(own)
            bounds[style] = old | dict(new)
    if not facts:
        good = sum(r.stars >= GOOD for r in rated)
        raise CorpusError(
            f"{good} good ratings (4 or 5 stars) and {len(rated) - good} others: too few; at least "
            f"{LEAST} of each are needed for a style, or without a style: rate more files"
        )
    styles = {
        style: dataclasses.replace(spec.styles[style], bounds=limits)
        for style, limits in aligned(bounds).items()
    }
    return dataclasses.replace(spec, styles=styles), facts


def _fit(args: argparse.Namespace) -> dict[str, Any]:
    rated, damaged = ratings.read(args.ratings)
    print(*damaged, sep="\n", end="\n" if damaged else "", file=sys.stderr)
    content = load_bytes(args.voice)
    spec, facts = refitted(verify(args.voice, content), rated)
    for style in sorted(spec.styles.keys() - facts.keys()):
        print(f"style {style}: too few ratings; its thresholds stay", file=sys.stderr)
    try:
        args.out.write_bytes(replace_spec(content, spec))
    except OSError as error:
        raise CorpusError(f"{args.out}: cannot be written ({error.strerror})") from error
    return {"out": str(args.out), "ratings": len(rated), "styles": facts}


def main(argv: list[str] | None = None) -> int:
    """Write the voice; print the thresholds' precision and recall on left-out files as JSON."""
    parser = argparse.ArgumentParser(prog="python -m export.filter", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit = commands.add_parser("fit", help="fit the thresholds of a voice to ratings")
    fit.add_argument("ratings", type=Path, metavar="RATINGS.jsonl")
    fit.add_argument("voice", type=Path, metavar="VOICE.onnx")
    fit.add_argument("out", type=Path, metavar="OUT.onnx")
    args = parser.parse_args(argv)
    return run(lambda: print(json.dumps(_fit(args))))


if __name__ == "__main__":
    sys.exit(main())
