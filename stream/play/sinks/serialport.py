"""MIDI over a UART, or whatever else looks like a serial port."""

from __future__ import annotations

import os
import select
import termios
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from stream.play.driver import File
    from stream.play.scheduler import TimedMessage

BAUD = 31250
"""The MIDI rate. With the Pi's `midi-uart0` overlay, which scales the clock, ask for 38400."""
WRITE_SECONDS = 0.05
"""A port that takes nothing for so long is lost; a UART empties its buffer much faster."""
CHUNK_BYTES = 4096


class SerialSink(Sink):
    """Raw MIDI bytes at `baud` to `device`."""

    returns = True
    clocked = True
    outlives_us = True

    def __init__(self, device: str, baud: int = BAUD) -> None:
        super().__init__(f"serial:{device}" if baud == BAUD else f"serial:{device}@{baud}")
        self._device = device
        self._baud = baud
        self._port: Any = None

    @property
    def target(self) -> str:
        return f"serial:{os.path.realpath(self._device)}"

    def connect(self) -> None:
        import serial

        # SerialException is an OSError; termios speaks up for itself where a device goes meanwhile.
        try:
            self._port = serial.Serial(self._device, self._baud)
        except (OSError, ValueError, termios.error) as error:
            raise SinkError(
                f"--out serial:{self._device}@{self._baud}: the port can not be opened ({error});"
                " name an existing device that you may write to, such as serial:/dev/ttyAMA0",
            ) from error

    def watched(self) -> tuple[File, ...]:
        return (self._port,)

    def check(self) -> None:
        """What comes in is of no interest, but that nothing can come any more is."""
        try:
            heard = os.read(self._port.fileno(), CHUNK_BYTES)
        except OSError as error:
            raise self._lost(error) from error
        if not heard:
            raise self._lost("it hung up")

    def _write(self, timed: TimedMessage) -> None:
        try:
            self._put(timed.data)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, reason: object) -> SinkError:
        return SinkError(f"{self.name}: lost ({reason}); plug it in again")

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
        if self._port is not None:
            self._port.close()
            self._port = None
