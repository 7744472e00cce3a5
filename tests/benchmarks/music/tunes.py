"""Real tunes that tests make up."""

import pathlib

import numpy as np

from stream.compose.melody.vocabulary import REST, REST_OCTAVE
from stream.compose.tunes.tune import Melody

DATA = pathlib.Path(__file__).parents[2] / "data"
TINY, OUTLINED = DATA / "tiny.onnx", DATA / "tiny_outlined.onnx"


def melody(seed, events, style="even", split="train"):
    """A tune of random events, with a rest now and then."""
    rng = np.random.default_rng(seed)
    tokens = np.stack([rng.integers(n, size=events) for n in (5, 3, 4)], 1).astype(np.uint8)
    tokens[::7] = REST, REST_OCTAVE, 5
    return Melody(tokens, f"tune {seed}", style, seed, 24, 8, "major", split, kind="reel")
