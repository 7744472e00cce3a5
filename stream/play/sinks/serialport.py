"""MIDI over a UART, or whatever else looks like a serial port."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from stream.play.scheduler import TimedMessage

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
            self._port = serial.Serial(device, baud)
        except (OSError, ValueError) as error:
            raise SinkError(
                f"--out serial:{device}@{baud}: the port can not be opened ({error});"
                " name an existing device that you may write to, such as serial:/dev/ttyAMA0",
            ) from error

    def _write(self, timed: TimedMessage) -> None:
        try:
            self._put(timed.data)
        except OSError as error:
            raise SinkError(f"{self.name}: lost ({error}); plug it in and start again") from error

    def _put(self, data: bytes) -> None:
        # pyserial's `write` would wait for the port after the last byte as well.
        port = self._port.fileno()
        while data:
            try:
                data = data[os.write(port, data) :]
            except BlockingIOError:
                if not select.select([], [port], [], WRITE_SECONDS)[1]:
                    raise TimeoutError("Write timeout") from None

    def _release(self) -> None:
        self._port.close()
