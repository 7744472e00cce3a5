"""Decisions of the shipped voice after a given history: `golden.py write|compare FILE.json`.

After each step all candidates go on with the events of the file, so that one other decision does
not make all later ones differ.
"""

import json
import sys
from pathlib import Path

import numpy as np

from stream.compose.step import Point, Step
from stream.config.settings import DEFAULT_VOICE
from stream.voices.spec import find_voice

STEPS, CANDIDATES = 300, 8


def decisions(history=None):
    """The events that are drawn, and their log-probabilities in the history."""
    step = Step(find_voice(DEFAULT_VOICE))
    spec, rng = step.spec, np.random.default_rng(5)
    latent = rng.standard_normal((CANDIDATES, spec.latent)).astype(np.float32)
    tags = np.eye(len(spec.tags), dtype=np.float32)[rng.integers(0, len(spec.tags), CANDIDATES)]
    point = Point(latent / 2, tags, context=np.zeros((CANDIDATES, spec.context), np.float32))
    state = step.initial().tiled(CANDIDATES)
    drawn, log_probs = [], []
    for i in range(STEPS):
        noise = rng.random((CANDIDATES, spec.noise), np.float32)
        output = step(state, point, noise)
        drawn.append(output.state.token.tolist())
        if history is not None:
            output = step(state, point, noise, np.array(history[i]))
        log_probs.append(output.log_prob.tolist())
        state = output.state
    return drawn, log_probs


def main(word, path):
    if word == "write":
        Path(path).write_text(json.dumps(decisions()), encoding="ascii")
        return
    events, log_probs = json.loads(Path(path).read_text(encoding="ascii"))
    drawn, found = decisions(events)
    alike = (np.array(drawn) == np.array(events)).all(-1).mean()
    error = np.abs(np.array(found) - np.array(log_probs))
    print(json.dumps({"alike": alike, "mean_error": error.mean(), "largest": error.max()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
