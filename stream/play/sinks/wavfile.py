"""A WAV file rendered with FluidSynth between messages instead of in real time.

44,100 Hz, stereo, 16 bit. The file ends when the last notes have died away. While it grows it is
quiet, because nothing is known yet of what comes; at the end all of it is turned up or down to one
loudness, in place. Samples depend on the messages alone, so the same stream gives the same bytes.
Needs numpy, as pyfluidsynth does, so only the offline driver uses it.
"""

from __future__ import annotations

import os
import wave
from typing import TYPE_CHECKING

import numpy as np

from stream.errors import SinkError
from stream.mastering.loudness import Meter
from stream.mastering.mastering import gain_for, master
from stream.midi.software_synth import find_soundfont, load, perform
from stream.play.sinks.base import Sink, disk_errors
from stream.util import regular_file
from stream.util.unused_name import created

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from stream.play.timing.scheduler import TimedMessage

SAMPLE_RATE = 44_100
BLOCK = 4096
"""Largest number of frames rendered at once."""
HEADER_BYTES = 44
"""Bytes before the samples."""
GAIN = 0.5
"""Gain of the synthesizer, at which a loud band does not clip."""
TAIL_SECONDS = 4.0
"""Most seconds from the last message to the end of the file."""
INAUDIBLE = 8
"""Highest sample of silence while the file is quiet; at most 60 dB below full scale at the end."""


class WavFileSink(Sink):
    """Renders to `path`, or to an unused name beside it if that exists.

    Times count from 0. Raises `SinkError`.
    """

    def __init__(self, path: Path, soundfont: Path | None = None) -> None:
        super().__init__(f"file:{path}")
        self._synth = load(soundfont or find_soundfont(), GAIN)
        self._meter = Meter()
        self._frames = 0
        try:
            regular_file.refuse_pipe(path)
            free, file = created(path)
        except OSError as error:
            self._synth.delete()
            raise SinkError(
                f"{path}: cannot be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error
        self.name = f"file:{free}"
        self._bytes = os.fdopen(file, "w+b")
        self._file = wave.Wave_write(self._bytes)
        self._file.setparams((2, 2, SAMPLE_RATE, 0, "NONE", "not compressed"))

    def flush(self, time: float) -> None:
        """Render up to `time` (s), and update the header."""
        super().flush(time)
        self._sound_until(time)
        self._save(b"")

    def _write(self, timed: TimedMessage) -> None:
        self._sound_until(timed.time)
        perform(self._synth, timed.message)

    def close(self) -> None:
        """Let the last notes die away, then turn the file to its loudness. Raises `SinkError`."""
        if self._closed:
            return
        try:
            self._ring_out()
        finally:
            super().close()

    def _ring_out(self) -> None:
        """End the active notes, and sound on until nothing is heard."""
        for channel, pitch in sorted(self._active_notes):
            self._synth.noteoff(channel, pitch)
        for _ in range(round(TAIL_SECONDS * SAMPLE_RATE / BLOCK) if self._channels else 0):
            if np.abs(self._sound(BLOCK)).max() < INAUDIBLE:
                return

    def _sound_until(self, time: float) -> None:
        missing = round(time * SAMPLE_RATE) - self._frames
        while missing > 0:
            missing -= len(self._sound(min(missing, BLOCK))) // 2

    def _sound(self, frames: int) -> NDArray[np.int16]:
        """Render and save frames; return their samples."""
        samples: NDArray[np.int16] = self._synth.get_samples(frames)
        self._meter.add(samples)
        self._save(samples.tobytes())
        self._frames += frames
        return samples

    def _save(self, samples: bytes) -> None:
        """Append samples; with none, update the header."""
        with disk_errors(self, "rendered"):
            if samples:
                self._file.writeframesraw(samples)
            else:
                self._file.writeframes(b"")

    def _release(self) -> None:
        self._synth.delete()
        with disk_errors(self, "rendered"):
            try:
                self._file.close()
                energies, peaks = self._meter.finish()
                if len(peaks):
                    master(self._bytes, HEADER_BYTES, gain_for(energies, peaks), peaks)
            finally:
                self._bytes.close()
