"""A score as FluidSynth sounds it: what the benchmarks learn from.

The sound font of Debian, TimGM6mb, stands under the GNU GPL 2: a voice that has learned its sound
is not shipped. `synth` is the project's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.wave.score import DRUMS, Score
from stream.errors import CorpusError

FONTS = ("TimGM6mb.sf2", "default-GM.sf2", "FluidR3_GM.sf2")
FOLDER = Path("/usr/share/sounds/sf2")
RATE = 44_100
GAIN = 1.0


def find_font() -> Path:
    """Return a General MIDI sound font of this machine. Raises `CorpusError`."""
    for name in FONTS:
        if (FOLDER / name).exists():
            return FOLDER / name
    raise CorpusError(f"{FOLDER}: no sound font; install timgm6mb-soundfont, or give --font PATH")


def sound(score: Score, font: Path) -> NDArray[np.float32]:
    """Return mono samples [n] at 44,100 Hz. Raises `CorpusError` without FluidSynth."""
    try:
        import fluidsynth
    except ImportError as error:
        raise CorpusError(
            f"FluidSynth is not installed ({error}); apt install libfluidsynth3"
        ) from error
    synth = fluidsynth.Synth(gain=GAIN, samplerate=float(RATE))
    try:
        synth.setting("synth.chorus.active", 0)
        synth.setting("synth.reverb.active", int(score.room > 0))
        number = synth.sfload(str(font))
        if number < 0:
            raise CorpusError(f"{font}: no readable sound font; give another one with --font PATH")
        for part, program in score.programs:
            synth.program_select(part, number, 0, program)
            synth.cc(part, 91, round(127 * score.room))
        synth.program_select(DRUMS, number, 128, 0)
        return _played(synth, score)
    finally:
        synth.delete()


def _played(synth: object, score: Score) -> NDArray[np.float32]:
    """Return the mean of both channels."""
    events = [(t.end, 0, t) for t in score.tones] + [(t.start, 1, t) for t in score.tones]
    pieces, done = [], 0
    for time, begins, tone in sorted(events, key=lambda event: event[:2]):
        upto = min(round(time * RATE), round(score.seconds * RATE))
        if upto > done:
            pieces.append(synth.get_samples(upto - done))  # type: ignore[attr-defined]
            done = upto
        if begins:
            synth.noteon(tone.part, tone.pitch, tone.velocity)  # type: ignore[attr-defined]
        else:
            synth.noteoff(tone.part, tone.pitch)  # type: ignore[attr-defined]
    if (rest := round(score.seconds * RATE) - done) > 0:
        pieces.append(synth.get_samples(rest))  # type: ignore[attr-defined]
    stereo = np.concatenate(pieces).reshape(-1, 2).astype(np.float32)
    return stereo.mean(axis=1) / 32768
