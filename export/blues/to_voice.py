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

from export.blues import checkpoint
from export.blues.choruses import chorus
from export.blues.forms import BAR, KEYS, STYLES, TICKS, Ints
from export.blues.step import TAGS, BluesStep
from export.filter.excerpts import PHRASE_BARS
from export.frames import parity, styles
from export.frames.styles import Grid
from export.frames.to_voice import records, spec_of, write_records
from export.melody.to_voice import add_arguments, read_credits, write
from export.step_graph.facts import told
from stream.compose.polyphony.lead_frames import HEADS, LeadFrames
from stream.voices.spec import StyleSpec, append_spec

PROGRAM = "export.blues.to_voice"
KIND = LeadFrames(HEADS[1], TICKS)
GRID = Grid(KIND, BAR)
METRE = "4x48"
FORMS = {"abcdefghijkl": 0.3, "abcdefghijklmnopqr": 0.4, "abcdefghijklmnopqrstuvwx": 0.3}
"""Four, six or eight choruses of three phrases: each is new, or the chords would not go round."""
FAULTS = ("rests", "no_chord", "outside_chord", "outside_key", "chord_changes")
RETURNING = 0.9
"""Share of a phrase that may have been heard in its tune: a riff is meant to come back."""
SOURCE = 100
"""Choruses of each style that bounds are made of, and that a voice is measured on: not learnt."""


def pieces(style: str, rng: np.random.Generator, choruses: int = 4) -> list[Ints]:
    """`SOURCE` fresh choruses of a style, as tunes."""
    return [
        np.concatenate([chorus(style, rng) for _ in range(choruses)])
        for _ in range(SOURCE // choruses)
    ]


def style_of(train: Sequence[Ints], valid: Sequence[Ints], corpus: bytes) -> StyleSpec:
    """The style of these tunes, in any of the keys."""
    rows = [KIND.features(excerpt) for excerpt in styles.excerpts(GRID, train)]
    return StyleSpec(
        mean=(),
        spread=(),
        meters={METRE: 1.0},
        modes={key: round(1 / len(KEYS), 4) for key in KEYS},
        bounds=styles.limits(KIND.feature_names, rows, FAULTS),
        forms=FORMS,
        returning=RETURNING,
        longest_copy=styles.usual_copy(Grid(KIND, PHRASE_BARS), corpus, valid),
    )


def tags(style: str, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """[count, S] of tunes in C."""
    row = np.zeros((count, len(TAGS)), np.float32)
    row[:, [TAGS.index(f"style:{style}"), TAGS.index("mode:C")]] = 1.0
    return row


def make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits, args.section)
    model, progress = checkpoint.load(args.checkpoint)
    rng = np.random.default_rng([args.seed, 1])
    train = {style: pieces(style, rng) for style in STYLES}
    valid = {style: pieces(style, rng) for style in STYLES}
    corpus = styles.corpus_table(Grid(KIND, 0), [p for own in train.values() for p in own])
    described = {style: style_of(train[style], valid[style], corpus) for style in STYLES}
    step = BluesStep(model)
    fp32, int8 = parity.graphs(step)
    held = [p for own in valid.values() for p in own]
    under = np.concatenate([tags(style, len(own)) for style, own in valid.items()])
    report = parity.compare(step, fp32, int8, held, under)
    spec = spec_of(
        args.out.stem, step, described, notices=notices, ticks=TICKS,
        quality={"valid_nats_per_frame": round(report.fp32_nats, 4),
                 "epochs": progress.get("epochs", 0)},
        sizes={"family": "trio", **dataclasses.asdict(model.config)},
    )  # fmt: skip
    # The chords' cells go round exactly in fp32; and the network is small.
    write(args.out, append_spec(fp32, spec, corpus))
    if args.report:
        write_records(args.report, records(args, report, sum(map(len, held))))
    sizes = {"bytes_fp32": len(fp32)}
    return {"passed": report.passes("fp32"), **dataclasses.asdict(report), **sizes}


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.set_defaults(program=PROGRAM)
    add_arguments(parser)
    parser.add_argument("--seed", type=int, default=0, help="of the fresh choruses")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    torch.set_num_threads(1)
    return told(make, _arguments().parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
