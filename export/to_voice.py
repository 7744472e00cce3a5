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

from export import checkpoint, onnx_step, parity, styles
from export.corpus.dataset import split_of
from export.corpus.read import load
from export.models.melody import BARS, MODES, MelodyModel
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
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def read_credits(path: Path) -> tuple[str, ...]:
    """The bullet points of a credits file, one line each."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"--credits {path}: can not be read: {error.strerror}") from error
    return tuple(line[2:].strip() for line in lines if line.startswith("- "))


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
        notices = read_credits(args.credits)
        family, model, progress = checkpoint.load_model(args.checkpoint)
        melodies, _ = load(args.corpus)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    described = styles.describe(model, [m for m in melodies if split_of(m) == "train"])
    fp32 = onnx_step.to_onnx(model)
    int8 = onnx_step.to_int8(fp32)
    valid = [m for m in melodies if split_of(m) == "valid"]
    report = parity.compare(model, fp32, int8, described, valid)
    quality = {
        "valid_bits_per_note": report.int8_bits,
        "valid_elbo_bits_per_note": progress["valid"]["elbo"],
        "epochs": progress["epochs"],
    }
    spec = spec_of(args.out.stem, model, described, notices=notices, quality=quality)
    args.out.write_bytes(append_spec(int8, spec))
    facts = {"family": family, "passed": report.passed, **dataclasses.asdict(report)}
    if args.report:
        args.report.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(facts))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
