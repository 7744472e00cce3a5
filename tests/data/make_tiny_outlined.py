"""Make `tiny_outlined.onnx`, a voice of random weights that composes to outlines.

    python tests/data/make_tiny_outlined.py

It has every input, output and property of a voice with outlines.
"""

from pathlib import Path

import numpy as np
import torch

from export.melody.to_voice import spec_of
from export.models.family import build
from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig
from export.step_graph import to_onnx
from export.step_graph.leaning import with_lean
from stream.compose.filter.entropy import SERIES
from stream.compose.melody.outline_context import WIDTH
from stream.compose.melody.vocabulary import REST, REST_OCTAVE
from stream.compose.tune_plan import packed
from stream.voices.spec import StyleSpec, append_spec

OUTLINED = Path(__file__).with_name("tiny_outlined.onnx")
REELS = tuple(
    f"8x24 4/4;{mode};reel;{key};180;0 0 1 1;8 8;.4 =4*2 ~4 .3 ~2 . =4*2 ~8*2;"
    "8787878767867864;5565445555654455;1:32 8:32 6:32 1:32"
    for key, mode in ((2, "major"), (7, "major"), (9, "major"), (-5, "minor"), (2, "minor"))
)
JIGS = tuple(
    f"6x24 6/8;{mode};jig;{key};0;0 1 0;8 4;.2 ~2*2 =4*4 .2 =2*2;656656656454;455445565544;"
    for key, mode in ((-3, "major"), (4, "minor"), (0, "major"))
)
AIRS = ("3x48 3/4;major;air;5;76;0 1;4 8;.2 ~2 . .4 =4*3 ~4;345345345341;554455665544;",)


def outlined_model() -> MelodyModel:
    """Return a model of about 20,000 random weights, the same each time."""
    torch.manual_seed(7)
    config = MelodyConfig(
        ("even", "odd"), 8, 1, latent=4, encoder_hidden=4, tag_width=4, cell="mingru",
        history="bars", kinds=("air", "jig", "reel"), context=WIDTH,
    )  # fmt: skip
    model = build("vrash", config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            # Larger weights than a fresh model's, so that its inputs affect its output.
            weight.mul_(2.5)
        # A rest has its own octave and no note has it, as in all music that was ever encoded.
        heads, units = model.heads, slice(0, 20)
        heads.octave_hidden.weight[units] = heads.octave_hidden.bias[units] = 0.0
        heads.octave_given.weight[:, units] = -9.0
        heads.octave_given.weight[REST, units] = 9.0
        heads.octave.weight[:, units] = -0.25
        heads.octave.weight[REST_OCTAVE, units] = 0.75
        heads.pitch_class.bias[REST] -= 10.0
    return model


def style(sign: float, outlines: tuple[str, ...]) -> StyleSpec:
    points = np.linspace(-1, 1, 4 * len(outlines)).reshape(-1, 4) + sign
    return StyleSpec(
        mean=(sign, 0.0, 0.0, 0.0),
        spread=(0.5, 0.5, 0.5, 0.5),
        meters={"8x24": 1.0},
        modes={"major": 0.75, "minor": 0.25},
        bounds=dict.fromkeys(SERIES, (1.0, 3.2)),
        forms={"aabb": 1.0},
        points=packed(points),
        outlines=outlines,
        longest_copy=9,
    )


def main() -> None:
    model = outlined_model()
    styles = {"even": style(1.0, REELS + JIGS), "odd": style(-1.0, JIGS + AIRS)}
    spec = spec_of("tiny_outlined", model, styles, notices=("Random weights: no data.",))
    # Not int8, whose rounding depends on the number of candidates.
    OUTLINED.write_bytes(append_spec(with_lean(to_onnx.to_onnx(model)), spec))


if __name__ == "__main__":
    main()
