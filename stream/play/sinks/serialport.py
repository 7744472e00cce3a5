"""MIDI over a UART, or whatever else looks like a serial port."""

from __future__ import annotations

from typing import Any

from stream.errors import SinkError
from stream.play.sinks.base import Sink

BAUD = 31250
"""The MIDI rate. With the Pi's `midi-uart0` overlay, which scales the clock, ask for 38400."""
WRITE_SECONDS = 0.05
"""A port that takes nothing for so long is lost; a UART empties its buffer much faster."""


class SerialSink(Sink):
    """Raw MIDI bytes at `baud` to `device`. Raises `SinkError` if it can not be opened."""

    def __init__(self, device: str, baud: int = BAUD) -> None:
        super().__init__(f"serial:{device}")
        import serial

        # SerialException is an OSError.
        try:
            self._port = serial.Serial(device, baud, write_timeout=WRITE_SECONDS)
        except (OSError, ValueError) as error:
            raise SinkError(
                f"--out serial:{device}@{baud}: the port can not be opened ({error});"
                " name an existing device that you may write to, such as serial:/dev/ttyAMA0",
            ) from error

    def _write(self, message: Any, time: float) -> None:  # noqa: ARG002 (a port has no time)
        try:
            self._port.write(message.bin())
        except OSError as error:
            raise SinkError(f"{self.name}: lost ({error}); plug it in and start again") from error

    def _release(self) -> None:
        self._port.close()
