"""Render docs/NAME.ogg: thirty seconds of each of five ensembles, from a seed.

Each is rendered by `perpetuum render` as anyone hears it, cut after thirty seconds with a fade, and
encoded as Ogg Vorbis.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.ensemble.whole import PLANS

SEEDS: Mapping[str, int] = {"folk": 4, "hymn": 4, "jazz": 4, "strings": 4, "band": 4}
"""Seed of each excerpt."""
BEGIN, SECONDS, FADE = 8.0, 30.0, 2.0
"""Seconds before the excerpt, of the excerpt, and of its fade."""
QUALITY = 0.55
"""Compression level of the encoder, 0 to 1: smaller files are further right."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ensembles", nargs="*", metavar="NAME", help="ensembles; all if omitted")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    arguments = parser.parse_args()
    for name in arguments.ensembles or SEEDS:
        path = arguments.to / f"{name}.ogg"
        excerpt(name, SEEDS[name], path)
        print(path, path.stat().st_size)


def excerpt(ensemble: str, seed: int, path: Path) -> None:
    """Write the excerpt of one ensemble."""
    plan = PLANS[ensemble]
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder, "all.wav")
        command = [
            sys.executable, "-m", "stream", "render", str(wave), "--minutes", "0.65", "--seed",
            str(seed), "--voice", plan.voice, "--style", plan.style, "--ensemble", ensemble,
            "--energy", "0.7", "--arc", "0",
        ]  # fmt: skip
        subprocess.run(command, check=True)  # noqa: S603 (a constant command)
        samples, rate = soundfile.read(wave)
    begin = int(BEGIN * rate)
    part = samples[begin : begin + int(SECONDS * rate)]
    fade = np.ones(len(part))
    fade[-int(FADE * rate) :] = np.linspace(1, 0, int(FADE * rate))
    with soundfile.SoundFile(
        path, "w", rate, 2, format="OGG", subtype="VORBIS", compression_level=QUALITY
    ) as file:
        # Whole seconds at a time: the encoder's stack is small.
        for at in range(0, len(part), rate):
            file.write((part * fade[:, None])[at : at + rate])


if __name__ == "__main__":
    main()
