"""Make a voice of a model of frames: `python -m export.frames.to_voice BEST.npz OUT.onnx …`.

A chorale takes `--satb PATH`, the others `--set NAME=PATH` once for each set they were trained on:
the archives of the training give the styles their forms and bounds, and the validation sets. A set
in quarters rather than eighths is named by `--quarters NAME`: its style is played so. The
report tells whether the exported step still is the trained model.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.chorale.step import ChoraleStep
from export.corpus.rolls import load_rolls
from export.corpus.satb import held_out, mode_of, read_satb
from export.frames import parity, styles
from export.frames.parity import Parity
from export.frames.step import POSITION, FrameStep
from export.melody.to_voice import add_arguments, commit, read_credits, write
from export.rolls.roll_steps import step_of
from export.step_graph.facts import told
from export.training import checkpoint
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.roll_frames import PIANOROLL, listed
from stream.errors import CorpusError, SettingsError
from stream.music.note import TICKS_PER_BEAT
from stream.voices.spec import StyleSpec, VoiceSpec, append_spec

BACH = "bach"
"""The style of a chorale."""
KINDS: Mapping[str, FrameKind] = {"chorale": CHORALE, "pianoroll": PIANOROLL}
PROGRAM = "export.frames.to_voice"
PRECISIONS = ("int8", "fp32")


@dataclass(frozen=True, slots=True)
class Source:
    """A trained model as a step, and the pieces that its styles are made of."""

    step: FrameStep
    sizes: dict[str, float | str]
    train: Mapping[str, Sequence[Ints]]
    valid: Mapping[str, Sequence[Ints]]
    modes: Mapping[str, float]
    epochs: int
    quarters: Sequence[str] = ()
    """Sets whose frames are quarters."""

    def grid(self, name: str) -> styles.Grid:
        """Of the pieces of a set."""
        kind = KINDS[self.step.shape.kind]
        in_quarters = kind.for_unit(TICKS_PER_BEAT) if name in self.quarters else kind
        return styles.four_quarters(in_quarters)


def chorale(path: Path, satb: Path) -> Source:
    """A chorale model and the archive that it was trained on."""
    family, model, progress = checkpoint.load_chorale_model(path)
    pieces = read_satb(satb)
    valid = held_out(pieces, "valid")
    modes = Counter(filter(None, map(mode_of, pieces["train"])))
    shares = {mode: round(n / modes.total(), 4) for mode, n in modes.most_common()}
    return Source(
        ChoraleStep(model), {"family": family, **_sizes(model.config)}, {BACH: pieces["train"]},
        {BACH: valid}, shares or {"major": 1.0}, progress["epochs"],
    )  # fmt: skip


def pianoroll(path: Path, sets: Sequence[str], quarters: Sequence[str] = ()) -> Source:
    """A model of piano rolls and the sets that it was trained on; a style each."""
    family, model, progress = checkpoint.load_frame_model(path)
    rolls = load_rolls(sets)
    unknown = {r.name for r in rolls} - set(model.config.sets)
    if model.config.sets and unknown:
        raise CorpusError(
            f"--set {min(unknown)}: the checkpoint knows {', '.join(model.config.sets)}"
        )
    if strange := set(quarters) - {r.name for r in rolls}:
        raise SettingsError(f"--quarters {min(strange)}: no --set has this name")
    train, valid = (
        {r.name: [listed(roll) for roll in r.split(split)] for r in rolls}
        for split in ("train", "valid")
    )
    return Source(
        step_of(model), {"family": family, **_sizes(model.config)}, train, valid, {"major": 1.0},
        progress["epochs"], quarters,
    )  # fmt: skip


def _sizes(config: Any) -> dict[str, float | str]:
    """The numbers and words of a configuration; switches are 0 or 1."""
    fields = dataclasses.asdict(config).items()
    kept = {k: v for k, v in fields if isinstance(v, int | float | str)}
    return {k: int(v) if isinstance(v, bool) else v for k, v in kept.items()}


def spec_of(
    name: str,
    step: FrameStep,
    described: Mapping[str, StyleSpec],
    *,
    notices: tuple[str, ...] = (),
    quality: Mapping[str, float] | None = None,
    sizes: Mapping[str, float | str] | None = None,
    ticks: int = 0,
) -> VoiceSpec:
    """The description of a polyphonic voice."""
    shape = step.shape
    return VoiceSpec(
        name=name,
        kind=shape.kind,
        heads=shape.heads,
        states=(*shape.states, POSITION),
        latent=0,
        tags=shape.tags,
        styles=described,
        credits=notices,
        quality=quality or {},
        model=sizes or {},  # type: ignore[arg-type]
        noise=shape.noise,
        ticks=ticks,
        source=commit(),
    )


def make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits, args.section)
    source = _source(args)
    step, pieces = source.step, [p for own in source.train.values() for p in own]
    corpus = styles.corpus_table(styles.four_quarters(KINDS[step.shape.kind]), pieces)
    described = {
        name: styles.style(source.grid(name), own, source.valid[name], source.modes, corpus)
        for name, own in source.train.items()
    }
    fp32, int8 = parity.graphs(step)
    held = [piece for own in source.valid.values() for piece in own]
    report = parity.compare(step, fp32, int8, held)
    nats = report.int8_nats if args.precision == "int8" else report.fp32_nats
    quality = {"valid_nats_per_frame": round(nats, 4), "epochs": source.epochs}
    spec = spec_of(
        args.out.stem, step, described, notices=notices, quality=quality, sizes=source.sizes
    )
    graph = int8 if args.precision == "int8" else fp32
    write(args.out, append_spec(graph, spec, corpus))
    if args.report:
        write_records(args.report, records(args, report, sum(map(len, held))))
    sizes = {"bytes_fp32": len(fp32), "bytes_int8": len(int8)}
    passed = report.passes(args.precision)
    return {"kind": step.shape.kind, "passed": passed, **dataclasses.asdict(report), **sizes}


def _source(args: argparse.Namespace) -> Source:
    if bool(args.satb) == bool(args.set):
        raise SettingsError("give either --satb PATH, for a chorale, or --set NAME=PATH")
    if args.satb:
        return chorale(args.checkpoint, args.satb)
    return pianoroll(args.checkpoint, args.set, args.quarters)


def write_records(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A record a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    write(path, f"[\n{lines}\n]\n".encode())


def records(args: argparse.Namespace, report: Parity, frames: int) -> list[dict[str, Any]]:
    """The parity report as benchmark records, each beside its bound."""
    command = f"python -m {args.program} {args.checkpoint.name} {args.out.name}"
    free, notes = f"{report.steps} frames of free play", "validation set"
    alike = report.same_tokens / report.tokens
    figures = (
        (free, "tokens alike, torch and ONNX fp32", "", alike, report.tokens, "1"),
        (free, "log-probability, largest error", "nats", report.log_prob_error, report.tokens,
         "at most 1e-4"),
        (notes, "ONNX fp32", "nats/frame", report.fp32_nats, frames, None),
        (notes, "ONNX int8", "nats/frame", report.int8_nats, frames, "fp32 ± 1 %"),
    )  # fmt: skip
    return [
        {
            "system": args.out.stem, "set": where, "measure": measure, "unit": unit,
            "value": value, "sd": None, "n": n, "paper": bound, "command": command,
        }
        for where, measure, unit, value, n, bound in figures
    ]  # fmt: skip


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.set_defaults(program=PROGRAM)
    add_arguments(parser)
    parser.add_argument("--satb", type=Path, metavar="PATH")
    parser.add_argument("--set", action="append", metavar="NAME=PATH")
    parser.add_argument("--quarters", action="append", default=[], metavar="NAME",
                        help="a set whose frames are quarters; they are eighths else")  # fmt: skip
    parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return told(make, _arguments().parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
