"""Make `tiny_companion.onnx`: `PYTHONPATH=. python tests/data/make_tiny_companion.py`."""

import dataclasses
import pathlib

import torch

from export.companions.step import CompanionStep
from export.frames import parity
from export.frames.to_voice import spec_of
from export.models.companion import CompanionConfig, CompanionNet
from stream.voices.spec import append_spec
from tests.stream.compose.companions.toy import ToyKind


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = CompanionConfig(
        "drums", ToyKind.heads, 2, ("style:loud",), hidden=8, head_width=8, depth=1
    )
    step = CompanionStep(CompanionNet(config))
    spec = dataclasses.replace(spec_of("drums", step, {}), context=2, credits=("Untrained.",))
    pathlib.Path(__file__).with_name("tiny_companion.onnx").write_bytes(
        append_spec(parity.traced(step), spec)
    )


if __name__ == "__main__":
    main()
