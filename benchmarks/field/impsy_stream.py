"""Lets a model of IMPSY play by itself; run by the Python that has IMPSY, and by no other.

    PYTHON impsy_stream.py MODEL TUNES EVENTS SEED

It imports nothing of this project. A tune begins with a random value and empty states, as IMPSY
does. The last printed line is one list for each tune: seconds since the event before, and the
model's first value, for each event. The temperatures are those of IMPSY's own configuration.
"""

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from impsy import mdrnn

PI, SIGMA = 1.0, 0.01


def opened(path: Path) -> Any:
    """Return the model of a file; the sizes are in the names of IMPSY's files."""
    if path.suffix == ".tflite":
        return mdrnn.TfliteMDRNN.from_file(path)
    sizes = [
        int(re.search(rf"{name}(\d+)", path.name)[1])
        for name in ("dim", "units", "mixtures", "layers")
    ]
    return mdrnn.KerasMDRNN(path, *sizes)


def main() -> None:
    path, tunes, events, seed = Path(sys.argv[1]), *map(int, sys.argv[2:])
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (IMPSY samples from it)
    model = opened(path)
    model.pi_temp, model.sigma_temp = PI, SIGMA
    found = []
    for _ in range(tunes):
        model.reset_lstm_states()
        value = mdrnn.random_sample(model.dimension)
        tune = []
        for _ in range(events):
            value = mdrnn.proc_generated_touch(model.generate(value), model.dimension)
            tune.append([float(value[0]), float(value[1])])
        found.append(tune)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
