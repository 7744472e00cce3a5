"""Make a voice of a melody checkpoint: `python -m export.melody.to_voice BEST.npz OUT.onnx …`.

Exports the step, quantises it, measures that both still are the trained model, and writes one file
with its `VoiceSpec`. The corpora are those of the training: they give the styles their latent
points, metres and filter bounds, and the validation set.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from export.corpus.read import load, name_broken
from export.corpus.tune import Melody
from export.melody import copies, parity, styles
from export.melody.evaluate import read_causal
from export.models.melody import BARS, MODES, MelodyModel
from export.models.step import state_width
from export.step_graph import to_onnx
from export.step_graph.facts import told
from export.training import checkpoint
from export.training.kinds import MELODIES
from export.training.splits import train_and_valid
from stream.compose.melody.vocabulary import SIZES
from stream.errors import CorpusError
from stream.voices.spec import StyleSpec, TensorSpec, VoiceSpec, append_spec


def spec_of(
    name: str,
    model: MelodyModel,
    described: dict[str, StyleSpec],
    *,
    notices: tuple[str, ...] = (),
    quality: dict[str, float] | None = None,
) -> VoiceSpec:
    """The description of a melody model's voice."""
    tags = [f"style:{s}" for s in model.config.styles]
    tags += [f"bar:{b}" for b in BARS] + [f"mode:{m}" for m in MODES]
    return VoiceSpec(
        name=name,
        kind="melody",
        heads=SIZES,
        states=(
            TensorSpec(model.config.cell, (state_width(model),), "float32"),
            TensorSpec("position", (), "int64"),
        ),
        latent=model.latent,
        tags=tuple(tags),
        styles=described,
        credits=notices,
        quality=quality or {},
        model=_sizes(model),
        source=commit(),
    )


def _sizes(model: MelodyModel) -> dict[str, int | str]:
    """The model's family and its configuration but for the styles."""
    sizes = dataclasses.asdict(model.config)
    del sizes["styles"]
    return {"family": type(model).__name__.lower(), **sizes}


def commit() -> str:
    """Of the code; empty outside a checkout."""
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(  # noqa: S603 - a constant command
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def read_credits(path: Path, section: str = "") -> tuple[str, ...]:
    """The bullet points of a credits file, one line each; of one section, where it is named."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"--credits {path}: can not be read: {error.strerror}") from error
    if section:
        lines = _section(lines, section)
    notices = tuple(line[2:].strip() for line in lines if line.startswith("- "))
    if not notices:
        raise CorpusError(f"--credits {path}: names no data; write a line '- …' for each corpus")
    return notices


def _section(lines: list[str], name: str) -> list[str]:
    """The lines under the heading `## name`; none where it is not there."""
    heads = [i for i, line in enumerate(lines) if line.startswith("## ")] + [len(lines)]
    for begin, end in pairwise(heads):
        if lines[begin][3:].strip() == name:
            return lines[begin + 1 : end]
    return []


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.melody.to_voice", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH")
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the making of every voice is told: from what, to where, and whom to thank."""
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("out", type=Path, metavar="OUT.onnx")
    parser.add_argument("--credits", type=Path, required=True, metavar="CREDITS.md")
    parser.add_argument(
        "--section", default="", help="heading of the voice's credits; all, if none"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.json", help="parity report, as records"
    )


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return told(_make, _arguments().parse_args(argv))


def _make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits, args.section)
    trained, model = checkpoint.load_model(args.checkpoint, MELODIES)
    train, valid = _splits(args.corpus, model)
    described = styles.describe(model, train)
    corpus = copies.corpus_table(train)
    described = {
        n: _guarded(s, corpus, [m for m in valid if m.style == n]) for n, s in described.items()
    }
    fp32 = to_onnx.to_onnx(model)
    int8 = to_onnx.to_int8(fp32)
    report = parity.compare(model, fp32, int8, described, valid)
    quality = {
        "valid_bits_per_note": report.int8_bits,
        "valid_elbo_bits_per_note": trained.progress["valid"]["elbo"],
        "epochs": trained.progress["epochs"],
    }
    spec = spec_of(args.out.stem, model, described, notices=notices, quality=quality)
    facts = {"family": trained.kind, "passed": report.passed, **dataclasses.asdict(report)}
    write(args.out, append_spec(int8, spec, corpus))
    if args.report:
        rows = records(args, report, trained.progress["valid"])
        rows += by_style(rows[-1], model, described, valid)
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        write(args.report, f"[\n{lines}\n]\n".encode())
    return facts


def _guarded(style: StyleSpec, corpus: bytes, held_out: list[Melody]) -> StyleSpec:
    """The style with its bound on copies, where tunes outside the corpus tell what is usual."""
    if not held_out:
        return style
    return dataclasses.replace(style, longest_copy=copies.usual_copy(corpus, held_out))


def records(
    args: argparse.Namespace, report: parity.Parity, valid: dict[str, Any]
) -> list[dict[str, Any]]:
    """The parity report as benchmark records, each beside its bound."""
    command = f"python -m export.melody.to_voice {args.checkpoint.name} {args.out.name}"
    free, notes = f"{report.steps} steps of free play", "validation set"
    figures = (
        (free, "tokens alike, torch and ONNX fp32", "", report.same_tokens / report.tokens, "1"),
        (free, "log-probability, largest error", "nats", report.log_prob_error, "at most 1e-4"),
        (notes, "causal, ONNX fp32", "bits/note", report.fp32_bits, None),
        (notes, "causal, ONNX int8", "bits/note", report.int8_bits, "fp32 ± 0.02"),
        (notes, "reconstruction, torch", "bits/note", valid["reconstruction"], None),
        (notes, "ELBO, torch", "bits/note", valid["elbo"], None),
        (notes, "KL used", "nats/segment", valid["kl"], None),
    )
    return [
        {
            "system": args.out.stem, "set": where, "measure": measure, "unit": unit,
            "value": value, "sd": None, "n": report.tokens if where == free else valid["notes"],
            "paper": bound, "command": command,
        }
        for where, measure, unit, value, bound in figures
    ]  # fmt: skip


def by_style(
    like: dict[str, Any],
    model: MelodyModel,
    described: dict[str, StyleSpec],
    valid: list[Melody],
) -> list[dict[str, Any]]:
    """Records of the causal bits per note of each style, otherwise as the record `like`."""
    rows = []
    for style, spec in described.items():
        own = [m for m in valid if m.style == style]
        if own:
            bits = read_causal(model, own, torch.tensor(spec.mean))
            notes = sum(len(m.tokens) for m in own)
            figure = {"measure": "causal, torch", "unit": "bits/note", "value": bits, "n": notes}
            rows.append(like | figure | {"set": f"{style}, validation set"})
    return rows


def _splits(corpora: list[str], model: MelodyModel) -> tuple[list[Melody], list[Melody]]:
    """Melodies of the training and of the validation set.

    Raises `CorpusError` for a style the model lacks.
    """
    melodies, reports = load(corpora)
    name_broken(reports, sys.stderr)
    unknown = {r.style for r in reports} - set(model.config.styles)
    if unknown:
        raise CorpusError(
            f"style {min(unknown)}: the checkpoint knows {', '.join(model.config.styles)}"
        )
    return train_and_valid(melodies)


def write(path: Path, content: bytes) -> None:
    """Raises `CorpusError` where the file can not be written."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CorpusError(f"{path}: can not be written ({error.strerror})") from error


if __name__ == "__main__":
    sys.exit(main())
