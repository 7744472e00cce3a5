"""The strategy of a voice of melodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline_context import WIDTH
from stream.compose.melody.strategy import MelodyStrategy
from stream.compose.melody.written_strategy import WrittenStrategy
from stream.compose.step import Step
from stream.errors import VoiceError


def melody_strategy(step: Step, run_table: NDArray[np.uint8] | None) -> MelodyStrategy:
    """Return the strategy of a voice: by outlines if its step takes their context.

    Raises `VoiceError` for a context of another width.
    """
    spec = step.spec
    if spec.context not in {0, WIDTH}:
        raise VoiceError(
            f"voice {spec.name}: its context has {spec.context} numbers, an outline {WIDTH}; export"
            " it again"
        )
    return (WrittenStrategy if spec.context else MelodyStrategy)(step, run_table)
