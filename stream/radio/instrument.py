"""FluidSynth without a sound card: messages go in, samples come out as they are asked for."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from mido import Message

from stream.midi.software_synth import load, perform
from stream.radio.encoder import RATE

GAIN = 0.9
"""Gain of the synthesizer, at which the loudest ensemble peaks 1 dB below full scale."""
ALL_NOTES_OFF, ALL_SOUND_OFF = 123, 120
CHANNELS = range(16)
FRAME_BYTES = 4
"""Bytes of a frame of sound: 16 bits, left and right."""


class Instrument:
    """A synthesizer with the sounds of `soundfont`. Raises `SinkError`."""

    def __init__(self, soundfont: Path) -> None:
        self._synth: Any = load(soundfont, GAIN)
        import fluidsynth  # without numpy: its own `get_samples` would load it

        self._render = fluidsynth.fluid_synth_write_s16
        self._buffer = ctypes.create_string_buffer(FRAME_BYTES * RATE)

    def perform(self, data: bytes) -> None:
        """Play a channel message. Raises `ValueError` if it is not one."""
        message = Message.from_bytes(data)
        if hasattr(message, "channel"):
            perform(self._synth, message)

    def sound(self, frames: int) -> bytes:
        """Return frames of sound, at most a second: 16 bits, left and right by turns."""
        buffer = self._buffer
        self._render(self._synth.synth, frames, buffer, 0, 2, buffer, 1, 2)
        return buffer.raw[: FRAME_BYTES * frames]

    def silence(self) -> None:
        """End every sound at once; the settings stay."""
        for channel in CHANNELS:
            self._synth.cc(channel, ALL_NOTES_OFF, 0)
            self._synth.cc(channel, ALL_SOUND_OFF, 0)
