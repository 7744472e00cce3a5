"""Make a voice of a model of lead sheets: `python -m export.lead.to_voice BEST.npz OUT.onnx …`.

The archive that it was trained on gives the styles their metres, forms and bounds, and the split
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
from typing import Any

import numpy as np
import torch

from export.filter.excerpts import PHRASE_BARS
from export.frames import parity, styles
from export.frames.styles import Grid
from export.frames.to_voice import PRECISIONS, records, spec_of, write_records
from export.lead.lead_sheet import KIND, SIXTEENTH, Frames, Sheet, read_sheets
from export.lead.sheet_baselines import counted, repeating
from export.lead.sheet_batches import Figures, measured, score_of, untold
from export.lead.step import LeadSheetStep
from export.melody.forms import SHORT, USUAL
from export.melody.to_voice import add_arguments, read_credits, write
from export.models.lead.lead_sheet import STYLES, LeadSheet
from export.step_graph.facts import told
from export.training import checkpoint
from stream.voices.spec import StyleSpec, append_spec

PROGRAM = "export.lead.to_voice"
FAULTS = ("rests", "no_chord", "outside_chord", "outside_key")
"""Features of which a tune can not have too little."""


def grid_of(sheet: Sheet) -> Grid:
    return Grid(KIND, sheet.bar)


def style_of(train: Sequence[Sheet], valid: Sequence[Frames], corpus: bytes) -> StyleSpec:
    """The style of the sheets in `train`; those in `valid` tell how much real tunes share."""
    metres = Counter(sheet.metre for sheet in train)
    excerpts = [e for s in train for e in styles.excerpts(grid_of(s), [s.frames])]
    returns = [share for s in train for share in styles.returns(grid_of(s), s.frames)]
    ends = [styles.held_at_end(KIND, s.frames) for s in train]
    bounds = styles.limits(KIND.feature_names, [KIND.features(e) for e in excerpts], FAULTS)
    return StyleSpec(
        mean=(),
        spread=(),
        meters={name: round(n / len(train), 4) for name, n in metres.most_common()},
        modes={"major": 1.0},
        bounds=bounds,
        forms=styles.shares_of(styles.form(grid_of(s), s.frames) for s in train),
        returning=round(float(np.percentile(returns, USUAL)), 3) if returns else 1.0,
        last_note=float(np.percentile(ends, SHORT)) if ends else 0.0,
        longest_copy=styles.usual_copy(Grid(KIND, PHRASE_BARS), corpus, valid),
    )


def make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits, args.section)
    family, model, progress = checkpoint.load_lead_model(args.checkpoint)
    sheets = read_sheets(args.sheets)
    step, train, valid = LeadSheetStep(model), sheets["train"], sheets["valid"]
    corpus = styles.corpus_table(Grid(KIND, 0), [s.frames for s in train])
    held = [s.frames for s in valid]
    described = {
        name: style_of(own, held, corpus)
        for name in STYLES
        if (own := [s for s in train if s.style == name])
    }
    fp32, int8 = parity.graphs(step)
    tags = np.stack([untold(score_of(s)).tags[0].numpy() for s in valid])
    report = parity.compare(step, fp32, int8, held, tags)
    nats = report.int8_nats if args.precision == "int8" else report.fp32_nats
    spec = spec_of(
        args.out.stem, step, described, notices=notices, ticks=SIXTEENTH,
        quality={"valid_nats_per_frame": round(nats, 4), "epochs": progress["best_epoch"]},
        sizes={"family": family, **dataclasses.asdict(model.config)},
    )  # fmt: skip
    write(args.out, append_spec(int8 if args.precision == "int8" else fp32, spec, corpus))
    if args.report:
        rows = records(args, report, sum(map(len, held)))
        write_records(args.report, [*rows, *_likelihoods(args, model, sheets)])
    sizes = {"bytes_fp32": len(fp32), "bytes_int8": len(int8)}
    return {"passed": report.passes(args.precision), **dataclasses.asdict(report), **sizes}


def _likelihoods(
    args: argparse.Namespace, model: LeadSheet, sheets: Mapping[str, Sequence[Sheet]]
) -> list[dict[str, Any]]:
    """Records of both heads on both splits, beside what counting and repeating give."""
    found: list[dict[str, Any]] = []
    command = f"python -m {PROGRAM} {args.checkpoint.name} {args.out.name}"
    for split in ("valid", "test"):
        own: Figures = measured(model, [untold(score_of(s)) for s in sheets[split]])
        counts, same = counted(sheets["train"], sheets[split]), repeating(sheets[split])
        rows: list[tuple[str, str, str, float]] = []
        for head, nats, right in (
            ("melody", own.melody, own.melody_right),
            ("chord", own.chord, own.chord_right),
        ):
            rows += [
                (args.out.stem, f"{head}, nats per frame", "nats", nats),
                ("counts", f"{head}, nats per frame", "nats", counts[head].nats),
                (args.out.stem, f"{head}, right", "", right),
                ("counts", f"{head}, right", "", counts[head].right),
                ("repeating", f"{head}, right", "", same[head]),
            ]
        rows += [
            (args.out.stem, "chord, right where it changes", "", own.change_right),
            ("counts", "chord, right where it changes", "", counts["chord"].change_right),
            ("repeating", "chord, right where it changes", "", 0.0),
        ]
        found += [
            {
                "system": system, "set": f"lead sheets/{split}", "measure": measure, "unit": unit,
                "value": round(value, 5), "sd": None, "n": own.frames, "paper": None,
                "command": command,
            }
            for system, measure, unit, value in rows
        ]  # fmt: skip
    return found


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.set_defaults(program=PROGRAM)
    add_arguments(parser)
    parser.add_argument("--sheets", type=Path, required=True, metavar="PATH")
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    torch.set_num_threads(1)
    return told(make, _arguments().parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
