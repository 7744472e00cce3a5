"""Make the voice of the blues: `python -m export.blues.to_voice TRIO.npz OUT.onnx --credits …`.

Its styles are the forms, their bounds those of fresh choruses. The report tells whether the
exported step still is the trained network.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from export.blues.choruses import chorus
from export.blues.forms import BAR, KEYS, STYLES, TICKS, Ints
from export.blues.step import TAGS, BluesStep
from export.filter.excerpts import PHRASE_BARS
from export.frames import styles
from export.frames.styles import Grid
from export.frames.to_voice import FrameVoice
from export.to_voice import pipeline
from export.training import checkpoint
from export.training.kinds import BLUES
from stream.compose.polyphony.lead_frames import HEADS, LeadFrames
from stream.voices.spec import StyleSpec

KIND = LeadFrames(HEADS[1], TICKS)
GRID = Grid(KIND, BAR)
METER = "4x48"
FORMS = {"abcdefghijkl": 0.3, "abcdefghijklmnopqr": 0.4, "abcdefghijklmnopqrstuvwx": 0.3}
"""Four, six or eight choruses of three phrases: each is new, or the chords would not go round."""
FAULTS = ("rests", "no_chord", "outside_chord", "outside_key", "chord_changes")
RETURNING = 0.9
"""Share of a phrase that may have been heard in its tune: a riff is meant to come back."""
SOURCE = 100
"""Choruses of each style that bounds are made of, and that a voice is measured on: not learned."""


def pieces(style: str, rng: np.random.Generator, choruses: int = 4) -> list[Ints]:
    """Return `SOURCE` fresh choruses of a style, as tunes."""
    return [
        np.concatenate([chorus(style, rng) for _ in range(choruses)])
        for _ in range(SOURCE // choruses)
    ]


def style_of(train: Sequence[Ints], valid: Sequence[Ints], corpus: bytes) -> StyleSpec:
    """Return the style of these tunes, in any of the keys."""
    rows = [KIND.features(excerpt) for excerpt in styles.excerpts(GRID, train)]
    return StyleSpec(
        mean=(),
        spread=(),
        meters={METER: 1.0},
        modes={key: round(1 / len(KEYS), 4) for key in KEYS},
        bounds=styles.limits(KIND.feature_names, rows, FAULTS),
        forms=FORMS,
        returning=RETURNING,
        longest_copy=styles.usual_copy(Grid(KIND, PHRASE_BARS), corpus, valid),
    )


def tags(style: str, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the tags of tunes in C [count, S]."""
    row = np.zeros((count, len(TAGS)), np.float32)
    row[:, [TAGS.index(f"style:{style}"), TAGS.index("mode:C")]] = 1.0
    return row


class BluesVoice(FrameVoice):
    """The blues network, with the forms as styles, over fresh choruses."""

    program = "export.blues.to_voice"
    ticks = TICKS
    # The chords' cells go round exactly in fp32; and the network is small.
    precision = "fp32"

    def __init__(self, args: argparse.Namespace) -> None:
        trained, model = checkpoint.load_model(args.checkpoint, BLUES)
        rng = np.random.default_rng([args.seed, 1])
        train = {style: pieces(style, rng) for style in STYLES}
        valid = {style: pieces(style, rng) for style in STYLES}
        self.corpus = styles.corpus_table(Grid(KIND, 0), [p for own in train.values() for p in own])
        self.styles = {style: style_of(train[style], valid[style], self.corpus) for style in STYLES}
        self.step, self.epochs = BluesStep(model), trained.progress.get("epochs", 0)
        self.held = [p for own in valid.values() for p in own]
        self.tags = np.concatenate([tags(style, len(own)) for style, own in valid.items()])
        self.sizes = {"family": trained.kind, **dataclasses.asdict(model.config)}

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=0, help="seed of the fresh choruses")


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    torch.set_num_threads(1)
    return pipeline.run(BluesVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
