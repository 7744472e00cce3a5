"""The strategy of a voice of melodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.strategy import MelodyStrategy
from stream.compose.melody.written_strategy import WrittenStrategy
from stream.compose.step import Step


def melody_strategy(step: Step, run_table: NDArray[np.uint8] | None) -> MelodyStrategy:
    """Return the strategy of a voice: by outlines if its step takes their context."""
    return (WrittenStrategy if step.spec.context else MelodyStrategy)(step, run_table)
