"""Make a voice of a melody checkpoint: `python -m export.melody.to_voice BEST.npz OUT.onnx …`.

Exports the step, quantizes it, measures that both still are the trained model, and writes one file
with its `VoiceSpec`. The corpora are those of the training: they give the styles their latent
points, meters and filter bounds, and the validation set.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence

import torch

from export.corpus.read import name_broken
from export.melody import copies, corpora, parity, styles
from export.melody.evaluate import read_causal
from export.melody.parity import MelodyParity
from export.models.melody import MelodyModel
from export.models.melody_config import BARS, MODES
from export.models.step import state_width
from export.step_graph import to_onnx
from export.step_graph.leaning import with_lean
from export.to_voice import pipeline
from export.to_voice.pipeline import Facts, Figure, VoiceKind
from export.training import checkpoint
from export.training.kinds import MELODIES
from export.training.splits import train_and_valid
from stream.compose.melody.vocabulary import SIZES
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError
from stream.voices.spec import StyleSpec, TensorSpec, VoiceSpec


def spec_of(
    name: str, model: MelodyModel, described: dict[str, StyleSpec], notices: tuple[str, ...] = ()
) -> VoiceSpec:
    """Return the description of a melody model's voice."""
    tags = [f"style:{s}" for s in model.config.styles]
    tags += [f"bar:{b}" for b in BARS] + [f"mode:{m}" for m in MODES]
    tags += [f"kind:{k}" for k in model.config.kinds]
    return VoiceSpec(
        name=name,
        kind="melody",
        heads=SIZES,
        states=(
            TensorSpec(model.config.cell, (state_width(model),), "float32"),
            TensorSpec("position", (), "int64"),
        ),
        latent=model.latent,
        context=model.config.context,
        tags=tuple(tags),
        styles=described,
        credits=notices,
        model=_sizes(model),
    )


def _sizes(model: MelodyModel) -> dict[str, int | str]:
    """Return the model's family and its configuration without the styles."""
    sizes = dataclasses.asdict(model.config)
    del sizes["styles"], sizes["kinds"]
    return {"family": type(model).__name__.lower(), **sizes}


class MelodyVoice(VoiceKind):
    """A melody model, with the styles of its corpora."""

    program = "export.melody.to_voice"

    def __init__(self, args: argparse.Namespace) -> None:
        self.trained, self.model = checkpoint.load_model(args.checkpoint, MELODIES)
        train, valid = _splits(args.corpus, self.model)
        self.valid = corpora.as_learned(valid, self.model.config)
        self.corpus = copies.corpus_table(train)
        self.styles = {
            name: _with_bound(style, self.corpus, [m for m in self.valid if m.style == name])
            for name, style in styles.describe(self.model, train).items()
        }

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--corpus", action="append", required=True, metavar="STYLE=PATH")

    def graphs(self) -> tuple[bytes, bytes]:
        fp32 = to_onnx.to_onnx(self.model)
        graphs = fp32, to_onnx.to_int8(fp32)
        if not self.model.config.context:
            return graphs
        # Own styles, which only a voice with outlines can learn, use the input.
        return with_lean(graphs[0]), with_lean(graphs[1])

    def compare(self, fp32: bytes, int8: bytes) -> MelodyParity:
        return parity.compare(self.model, fp32, int8, self.styles, self.valid)

    def spec(self, name: str, report: MelodyParity) -> VoiceSpec:
        progress = self.trained.progress
        quality = {
            "valid_bits_per_note": report.int8_bits,
            "valid_elbo_bits_per_note": progress["valid"]["elbo"],
            "epochs": progress["epochs"],
        }
        return dataclasses.replace(spec_of(name, self.model, self.styles), quality=quality)

    def figures(self, report: MelodyParity) -> list[Figure]:
        valid, tokens = self.trained.progress["valid"], report.tokens
        free, notes = f"{report.steps} steps of free play", "validation set"
        alike, count = report.same_tokens / tokens, valid["notes"]
        return [
            (free, "tokens alike, torch and ONNX fp32", "", alike, tokens, "1"),
            (free, "log-probability, largest error", "nats", report.log_prob_error, tokens,
             "at most 1e-4"),
            (notes, "causal, ONNX fp32", "bits/note", report.fp32_bits, count, None),
            (notes, "causal, ONNX int8", "bits/note", report.int8_bits, count, "fp32 ± 0.02"),
            (notes, "reconstruction, torch", "bits/note", valid["reconstruction"], count, None),
            (notes, "ELBO, torch", "bits/note", valid["elbo"], count, None),
            (notes, "KL used", "nats/segment", valid["kl"], count, None),
        ]  # fmt: skip

    def more_records(self, rows: Sequence[Facts]) -> list[Facts]:
        """Return records of the causal bits per note of each style."""
        found = []
        for style, spec in self.styles.items():
            own = [m for m in self.valid if m.style == style]
            if own:
                bits = read_causal(self.model, own, torch.tensor(spec.mean))
                notes = sum(len(m.tokens) for m in own)
                figure = {"measure": "causal, torch", "unit": "bits/note", "value": bits}
                where = {"set": f"{style}, validation set", "n": notes}
                found.append(rows[-1] | figure | where)
        return found


def _with_bound(style: StyleSpec, corpus: bytes, held_out: list[Melody]) -> StyleSpec:
    """Return the style with its bound on copies, found from tunes outside the corpus."""
    if not held_out:
        return style
    return dataclasses.replace(style, longest_copy=copies.usual_copy(corpus, held_out))


def _splits(specs: list[str], model: MelodyModel) -> tuple[list[Melody], list[Melody]]:
    """Return the melodies of the training and of the validation set.

    Raises `CorpusError` for a style that the model lacks.
    """
    melodies, reports = corpora.load(specs, model.config.history)
    name_broken(reports, sys.stderr)
    unknown = {r.style for r in reports} - set(model.config.styles)
    if unknown:
        raise CorpusError(
            f"style {min(unknown)}: the checkpoint knows {', '.join(model.config.styles)}"
        )
    return train_and_valid(melodies)


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return pipeline.run(MelodyVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
