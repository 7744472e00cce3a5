"""Make a companion of a checkpoint: `python -m export.companions.to_voice BEST.npz OUT.onnx …`.

The report tells whether the exported step still is the trained model.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import torch

from export.companions.role import Piece
from export.companions.roles import ROLES
from export.companions.step import CompanionStep
from export.frames import parity
from export.frames.parity import FrameParity
from export.frames.to_voice import FrameVoice, sizes_of
from export.to_voice import pipeline
from export.to_voice.pipeline import PRECISIONS
from export.training import checkpoint
from export.training.kinds import COMPANIONS
from stream.voices.spec import VoiceSpec

MOST_PIECES = 64
"""Held-out pieces that are measured."""


class CompanionVoice(FrameVoice):
    """A companion."""

    program = "export.companions.to_voice"

    def __init__(self, args: argparse.Namespace) -> None:
        trained, model = checkpoint.load_model(args.checkpoint, COMPANIONS)
        role = ROLES[trained.config.role]
        self.precision, self.step = args.precision, CompanionStep(model)
        self.sizes, self.epochs = sizes_of(trained), trained.progress["best_epoch"]
        self.pieces: list[Piece] = list(role.corpus(args.corpora).valid())[:MOST_PIECES]
        self.held = [piece.frames for piece in self.pieces]
        self.styles = {}

    def compare(self, fp32: bytes, int8: bytes) -> FrameParity:
        contexts = [piece.context for piece in self.pieces]
        tags = torch.tensor([piece.tags.tolist() for piece in self.pieces]).numpy()
        return parity.compare(self.step, fp32, int8, self.held, tags, contexts)

    def spec(self, name: str, report: FrameParity) -> VoiceSpec:
        context = self.step.shape.context
        return dataclasses.replace(super().spec(name, report), context=context)

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--corpora", type=Path, required=True, metavar="FOLDER")
        parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    torch.set_num_threads(1)
    return pipeline.run(CompanionVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
