"""The model inside a voice: its int8 weights as numbers, to measure each part of a frame alone.

A voice tells the likelihood of whole frames only. Its products are computed in int8, those of the
model in float32, so that both differ by the rounding of what the weights multiply.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from export.models.polyphony.chorale import Chorale, ChoraleConfig
from stream.errors import VoiceError

ROOT = "model."
"""Beginning of the names of the model's weights in the graph."""


def model_of(path: Path, config: ChoraleConfig | None = None) -> Chorale:
    """Return a model of this configuration with the weights of a voice.

    Raises `VoiceError` if the voice is of another kind or of other sizes.
    """
    graph = onnx.load(path).graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    model = Chorale(config or ChoraleConfig())
    try:
        found = {name: torch.tensor(_weight(name, stored)) for name in model.state_dict()}
        model.load_state_dict(found)
    except (KeyError, RuntimeError) as error:
        raise VoiceError(
            f"{path}: holds no chorale model of these sizes; name a voice made by"
            " `python -m export.frames.to_voice`"
        ) from error
    return model.eval()


def _weight(name: str, stored: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Return a parameter of the model: as it is, as a table's rows, or as a product's weights."""
    path = f"{ROOT}{name}"
    quantized, scale = f"{path}_quantized", f"{path.rpartition('.')[0]}.scale"
    if scale in stored:
        found = stored[path] * stored[scale]
    elif quantized in stored:
        found = (stored[quantized].astype(np.float32) - stored[f"{path}_zero_point"]) * stored[
            f"{path}_scale"
        ]
        found = found.T
    else:
        found = stored[path]
    return found.astype(np.float32)
