"""Make `tiny.onnx`, a voice of random weights for the runtime's tests.

    python tests/data/make_tiny.py

It is small enough for the repository, and has every input, output and property of a real voice.
"""

from pathlib import Path

import torch

from export.melody.to_voice import spec_of
from export.models.family import build
from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig
from export.step_graph import to_onnx
from stream.compose.filter.entropy import SERIES
from stream.voices.spec import StyleSpec, append_spec

TINY = Path(__file__).with_name("tiny.onnx")


def tiny_model(family: str = "vrash") -> MelodyModel:
    """Return a model of about 15,000 random weights, the same each time."""
    torch.manual_seed(7)
    config = MelodyConfig(("even", "odd"), 16, 2, latent=4, encoder_hidden=8, tag_width=4)
    model = build(family, config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            # Larger weights than a fresh model's, so that its inputs affect its output.
            weight.mul_(2.5)
    return model


def style(sign: float, meter: str, form: str) -> StyleSpec:
    return StyleSpec(
        mean=(sign, 0.0, 0.0, 0.0),
        spread=(0.5, 0.5, 0.5, 0.5),
        meters={meter: 1.0},
        modes={"major": 0.75, "minor": 0.25},
        bounds=dict.fromkeys(SERIES, (1.0, 3.2)),
        forms={form: 1.0},
        longest_copy=9,
    )


def main() -> None:
    model = tiny_model()
    styles = {"even": style(1.0, "8x24", "abaBc"), "odd": style(-1.0, "3x48", "abcd")}
    spec = spec_of("tiny", model, styles, notices=("Random weights: no data.",))
    TINY.write_bytes(append_spec(to_onnx.to_onnx(model), spec))


if __name__ == "__main__":
    main()
