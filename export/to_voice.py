"""Make a voice of a checkpoint: `python -m export.to_voice runs/x/best.npz OUT.onnx --corpus …`.

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
from pathlib import Path
from typing import Any

from export import checkpoint, onnx_step, parity, styles
from export.corpus.read import load
from export.corpus.tune import Melody
from export.models.melody import BARS, MODES, MelodyModel
from export.splits import train_and_valid
from stream.compose.vocabulary import SIZES
from stream.errors import CorpusError, StreamError
from stream.voice import StyleSpec, TensorSpec, VoiceSpec, append_spec


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
            TensorSpec("rhn", (model.config.hidden,), "float32"),
            TensorSpec("position", (), "int64"),
        ),
        latent=model.latent,
        tags=tuple(tags),
        styles=described,
        credits=notices,
        quality=quality or {},
        source=_commit(),
    )


def _commit() -> str:
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(  # noqa: S603 - a constant command
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def read_credits(path: Path) -> tuple[str, ...]:
    """The bullet points of a credits file, one line each."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"--credits {path}: can not be read: {error.strerror}") from error
    notices = tuple(line[2:].strip() for line in lines if line.startswith("- "))
    if not notices:
        raise CorpusError(f"--credits {path}: names no data; write a line '- …' for each corpus")
    return notices


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.to_voice", description=__doc__)
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("out", type=Path, metavar="OUT.onnx")
    parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH")
    parser.add_argument("--credits", type=Path, required=True, metavar="CREDITS.md")
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="parity report")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    args = _arguments().parse_args(argv)
    try:
        facts = _make(args)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(facts))
    return 0 if facts["passed"] else 1


def _make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits)
    family, model, progress = checkpoint.load_model(args.checkpoint)
    train, valid = _splits(args.corpus, model)
    described = styles.describe(model, train)
    fp32 = onnx_step.to_onnx(model)
    int8 = onnx_step.to_int8(fp32)
    report = parity.compare(model, fp32, int8, described, valid)
    quality = {
        "valid_bits_per_note": report.int8_bits,
        "valid_elbo_bits_per_note": progress["valid"]["elbo"],
        "epochs": progress["epochs"],
    }
    spec = spec_of(args.out.stem, model, described, notices=notices, quality=quality)
    facts = {"family": family, "passed": report.passed, **dataclasses.asdict(report)}
    _write(args.out, append_spec(int8, spec))
    if args.report:
        _write(args.report, (json.dumps(facts, indent=1) + "\n").encode())
    return facts


def _splits(corpora: list[str], model: MelodyModel) -> tuple[list[Melody], list[Melody]]:
    """Melodies of the training and of the validation set.

    Raises `CorpusError` for a style the model lacks.
    """
    melodies, reports = load(corpora)
    unknown = {r.style for r in reports} - set(model.config.styles)
    if unknown:
        raise CorpusError(
            f"style {min(unknown)}: the checkpoint knows {', '.join(model.config.styles)}"
        )
    return train_and_valid(melodies)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CorpusError(f"{path}: can not be written ({error.strerror})") from error


if __name__ == "__main__":
    sys.exit(main())
