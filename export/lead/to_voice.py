"""Make a voice of a model of lead sheets: `python -m export.lead.to_voice BEST.npz OUT.onnx …`.

The archive that it was trained on gives the styles their meters, forms and bounds, and the split
that it is measured on. The report tells whether the exported step still is the trained model, and
how its likelihood stands beside counting what followed what.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from export.filter.excerpts import PHRASE_BARS
from export.frames import styles
from export.frames.styles import Grid
from export.frames.to_voice import FrameVoice
from export.lead.lead_sheet import KIND, SIXTEENTH, Frames, Sheet, read_sheets
from export.lead.sheet_baselines import counted, repeating
from export.lead.sheet_batches import Figures, measured, score_of, without_tags
from export.lead.step import LeadSheetStep
from export.melody.forms import SHORT, USUAL
from export.models.lead.lead_sheet import STYLES, LeadSheet
from export.to_voice import pipeline
from export.to_voice.pipeline import PRECISIONS, Facts
from export.training import checkpoint
from export.training.kinds import LEAD_SHEETS
from stream.voices.spec import StyleSpec

FAULTS = ("rests", "no_chord", "outside_chord", "outside_key")
"""Features of which a tune cannot have too little."""


def grid_of(sheet: Sheet) -> Grid:
    return Grid(KIND, sheet.bar)


def style_of(train: Sequence[Sheet], valid: Sequence[Frames], corpus: bytes) -> StyleSpec:
    """Return the style of the sheets in `train`; `valid` shows how much real tunes share."""
    meters = Counter(sheet.meter for sheet in train)
    excerpts = [e for s in train for e in styles.excerpts(grid_of(s), [s.frames])]
    returns = [share for s in train for share in styles.returns(grid_of(s), s.frames)]
    ends = [styles.held_at_end(KIND, s.frames) for s in train]
    bounds = styles.limits(KIND.feature_names, [KIND.features(e) for e in excerpts], FAULTS)
    return StyleSpec(
        mean=(),
        spread=(),
        meters={name: round(n / len(train), 4) for name, n in meters.most_common()},
        modes={"major": 1.0},
        bounds=bounds,
        forms=styles.shares_of(styles.form(grid_of(s), s.frames) for s in train),
        returning=round(float(np.percentile(returns, USUAL)), 3) if returns else 1.0,
        last_note=float(np.percentile(ends, SHORT)) if ends else 0.0,
        longest_copy=styles.usual_copy(Grid(KIND, PHRASE_BARS), corpus, valid),
    )


class LeadVoice(FrameVoice):
    """A lead sheet, with the styles of its archive."""

    program = "export.lead.to_voice"
    ticks = SIXTEENTH

    def __init__(self, args: argparse.Namespace) -> None:
        trained, self.model = checkpoint.load_model(args.checkpoint, LEAD_SHEETS)
        self.sheets = read_sheets(args.sheets)
        self.precision, self.step = args.precision, LeadSheetStep(self.model)
        self.sizes = {"family": trained.kind, **dataclasses.asdict(self.model.config)}
        self.epochs = trained.progress["best_epoch"]
        train, valid = self.sheets["train"], self.sheets["valid"]
        self.corpus = styles.corpus_table(Grid(KIND, 0), [s.frames for s in train])
        self.held = [s.frames for s in valid]
        self.styles = {
            name: style_of(own, self.held, self.corpus)
            for name in STYLES
            if (own := [s for s in train if s.style == name])
        }
        self.tags = np.stack([without_tags(score_of(s)).tags[0].numpy() for s in valid])

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--sheets", type=Path, required=True, metavar="PATH")
        parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])

    def more_records(self, rows: Sequence[Facts]) -> list[Facts]:
        """Return records of both heads on both splits, beside counting and repeating."""
        found = []
        for split in ("valid", "test"):
            frames, figures = _likelihoods(rows[0]["system"], self.model, self.sheets, split)
            where = {"set": f"lead sheets/{split}", "n": frames, "paper": None}
            names = ("system", "measure", "unit", "value")
            found += [rows[0] | where | dict(zip(names, row, strict=True)) for row in figures]
        return found


def _likelihoods(
    name: str, model: LeadSheet, sheets: Mapping[str, Sequence[Sheet]], split: str
) -> tuple[int, list[tuple[str, str, str, float]]]:
    """Return the frames of a split, and system, measure, unit and value of each figure."""
    own: Figures = measured(model, [without_tags(score_of(s)) for s in sheets[split]])
    counts, same = counted(sheets["train"], sheets[split]), repeating(sheets[split])
    rows: list[tuple[str, str, str, float]] = []
    for head, nats, right in (
        ("melody", own.melody, own.melody_right),
        ("chord", own.chord, own.chord_right),
    ):
        rows += [
            (name, f"{head}, nats per frame", "nats", nats),
            ("counts", f"{head}, nats per frame", "nats", counts[head].nats),
            (name, f"{head}, right", "", right),
            ("counts", f"{head}, right", "", counts[head].right),
            ("repeating", f"{head}, right", "", same[head]),
        ]
    rows += [
        (name, "chord, right where it changes", "", own.change_right),
        ("counts", "chord, right where it changes", "", counts["chord"].change_right),
        ("repeating", "chord, right where it changes", "", 0.0),
    ]
    return own.frames, [(*row[:3], round(row[3], 5)) for row in rows]


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    torch.set_num_threads(1)
    return pipeline.run(LeadVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
