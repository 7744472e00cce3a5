"""A WAV file rendered with FluidSynth between messages instead of in real time.

44,100 Hz, stereo, 16 bit. Samples depend on the messages alone, so the same stream gives the same
bytes. Needs numpy through pyfluidsynth, so only the offline driver uses it.
"""

from __future__ import annotations

import os
import wave
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.sinks.base import Sink, disk_errors
from stream.play.sinks.fluidsynth import find_soundfont, load, perform
from stream.util import regular_file
from stream.util.unused_name import created

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.timing.scheduler import TimedMessage

SAMPLE_RATE = 44_100
BLOCK = 4096
"""Largest number of frames rendered at once."""


class WavFileSink(Sink):
    """Renders to `path`, or to an unused name beside it if that exists.

    Times count from 0. Raises `SinkError`.
    """

    def __init__(self, path: Path, soundfont: Path | None = None) -> None:
        super().__init__(f"file:{path}")
        self._synth = load(soundfont or find_soundfont())
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
        self._bytes = os.fdopen(file, "wb")
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

    def _sound_until(self, time: float) -> None:
        missing = round(time * SAMPLE_RATE) - self._frames
        while missing > 0:
            frames = min(missing, BLOCK)
            self._save(self._synth.get_samples(frames).tobytes())
            self._frames += frames
            missing -= frames

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
            finally:
                self._bytes.close()
