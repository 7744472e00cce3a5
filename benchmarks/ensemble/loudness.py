"""Loudness of rendered WAV files: every voice that plays notes, with every ensemble.

Each file is rendered by `perpetuum render`, and measured by pyloudnorm, a library that knows
nothing of our own meter. Beside the loudness of the file stands that of the synthesizer before
mastering, which `solo` and the others would have without it: the control.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from stream.ensembles.ensemble import names
from stream.errors import SettingsError
from stream.mastering.mastering import TARGET
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import shipped_voices

NAME = "loudness"
GOAL = f"{TARGET:g} ± 1"
FULL_SCALE = 32_768
WITHOUT = (
    "import sys\n"
    "from stream.play.sinks import wavfile\n"
    "wavfile.master = lambda *_: None\n"
    "from stream.__main__ import main\n"
    "sys.exit(main(sys.argv[1:]))"
)
"""The program without mastering."""


def rendered(path: Path, arguments: Sequence[str], start: Sequence[str]) -> NDArray[np.float64]:
    """Return the samples [n, 2] of a rendered file, 1 is full scale; delete the file."""
    command = [sys.executable, *start, "render", str(path), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    path.unlink()
    return samples / FULL_SCALE


def lufs(samples: NDArray[np.float64]) -> float:
    """Return the integrated loudness. Raises `SettingsError` if pyloudnorm is not installed."""
    try:
        import pyloudnorm
    except ImportError as error:
        raise SettingsError(f"{error}; run: pip install pyloudnorm") from error
    return float(pyloudnorm.Meter(44_100).integrated_loudness(samples))


def measured(
    voice: str, ensemble: str, minutes: float, start: Sequence[str]
) -> tuple[float, float]:
    """Return loudness in LUFS and the peak in dB below full scale."""
    arguments = ["--voice", voice, "--ensemble", ensemble, "--minutes", f"{minutes:g}"]
    with tempfile.TemporaryDirectory() as folder:
        samples = rendered(Path(folder) / "a.wav", [*arguments, "--seed", "1"], start)
    return lufs(samples), 20 * float(np.log10(np.abs(samples).max()))


def records(voices: Sequence[str], minutes: float) -> list[Record]:
    """Return what was measured of each voice with each ensemble."""
    found: list[Record] = []
    loud: list[float] = []
    quiet: list[float] = []
    for voice in voices:
        for ensemble in names():
            loudness, peak = measured(voice, ensemble, minutes, ["-m", "stream"])
            loud.append(loudness)
            found.append(Record(voice, ensemble, "loudness", "LUFS", loudness, paper=GOAL))
            found.append(Record(voice, ensemble, "peak", "dB", peak, paper="below 0"))
            print(voice, ensemble, f"{loudness:.2f} LUFS, peak {peak:.2f} dB", flush=True)
    for ensemble in names():
        loudness, _ = measured(voices[0], ensemble, minutes, ["-c", WITHOUT])
        quiet.append(loudness)
        name = f"{voices[0]}, no mastering"
        found.append(Record(name, ensemble, "loudness", "LUFS", loudness, paper="the control"))
    for system, values in (("all", loud), (f"{voices[0]}, no mastering", quiet)):
        spread = Readings(tuple(abs(value - TARGET) for value in values))
        most = spread.quantile(1.0)
        found.append(
            Record(system, "all", "largest distance", "LU", most, n=len(values), paper="at most 1")
        )
    return found


def main() -> None:
    """Measure, and write the results."""
    made = script.parser(NAME, __doc__)
    made.add_argument("--minutes", type=float, default=0.5, help="minutes of music in each file")
    notes = [path.stem for path in shipped_voices() if kind_of(path) != AUDIO]
    made.add_argument("--voices", default=",".join(notes), help="voices, by name")
    args = made.parse_args()
    voices = args.voices.split(",")
    sys.exit(script.run(lambda: publish(NAME, records(voices, args.minutes))))


if __name__ == "__main__":
    main()
