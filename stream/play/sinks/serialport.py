"""MIDI over a UART, or any other serial port."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import time
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.serial_line import BAUD, SEND, claim
from stream.play.sinks.base import Sink
from stream.play.sinks.pacing import Pacer
from stream.play.timing.timer import Timer

if TYPE_CHECKING:
    from stream.play.timing.scheduler import TimedMessage
    from stream.util.event_wait import File

SCALED_BAUD = 38400
"""Baud rate that the overlay `midi-uart0` turns into the MIDI rate."""
BITS = 10
"""Bits on the line for each byte."""
WRITE_SECONDS = 0.05
"""Seconds without progress after which a port is lost; a UART empties its buffer much faster."""
CHUNK_BYTES = 4096


class SerialSink(Sink):
    """Sends raw MIDI bytes at `baud` to `device`, never more than the line can carry.

    A UART does not report its progress, so this output counts the bytes that are still on the line.
    """

    may_return = True
    clocked = True
    outlives_player = True

    def __init__(self, device: str, baud: int = BAUD) -> None:
        super().__init__(f"serial:{device}" if baud == BAUD else f"serial:{device}@{baud}")
        self._device = device
        self._baud = baud
        self._port: Any = None
        self._timer: Timer | None = None
        self._pacer = Pacer(bytes_a_second(baud))

    @property
    def target(self) -> str:
        return f"serial:{os.path.realpath(self._device)}"

    def connect(self) -> None:
        import serial

        # SerialException is an OSError; termios raises its own error if a device disappears.
        try:
            self._port = serial.Serial(self._device, self._baud)
            claim(self._port.fileno(), SEND)
        except (OSError, ValueError, termios.error) as error:
            self._release()
            raise SinkError(
                f"--out serial:{self._device}@{self._baud}: the port cannot be opened ({error});"
                " name an existing device that you may write to and that no other program has,"
                " such as serial:/dev/ttyAMA0",
            ) from error
        self._timer = Timer()

    def watched(self) -> tuple[File, ...]:
        return (self._port, self._timer) if self._timer else ()

    def check(self) -> None:
        """Write what is due, and read only to notice that the device was removed."""
        if self._timer:
            self._timer.read()
        self._write_now(self._pacer.due(time.monotonic()))
        if not select.select([self._port], [], [], 0)[0]:
            return
        try:
            received = os.read(self._port.fileno(), CHUNK_BYTES)
        except OSError as error:
            raise self._lost(error) from error
        if not received:
            raise self._lost("it hung up")

    def _write(self, timed: TimedMessage) -> None:
        self._write_now(self._pacer.send(timed.data, time.monotonic()))

    def _write_first(self, timed: TimedMessage) -> None:
        self._write_now(self._pacer.send_first(timed.data, time.monotonic()))

    def _write_now(self, data: bytes) -> None:
        """Write now, and schedule the writing of what waits. Raises `SinkError`."""
        try:
            self._put(data)
        except OSError as error:
            raise self._lost(error) from error
        if self._timer:
            self._timer.set(self._pacer.deadline)

    def _lost(self, reason: object) -> SinkError:
        return SinkError(f"{self.name}: lost ({reason}); plug it in again")

    def _put(self, data: bytes) -> None:
        # pyserial's `write` would also wait after the last byte.
        port = self._port.fileno()
        while data:
            try:
                data = data[os.write(port, data) :]
            except BlockingIOError:
                if not select.select([], [port], [], WRITE_SECONDS)[1]:
                    raise TimeoutError("Write timeout") from None

    def _release(self) -> None:
        waiting = self._pacer.take_waiting()
        if self._port is not None:
            with contextlib.suppress(OSError):  # it may be lost already
                self._put(waiting)
            self._port.close()
            self._port = None
        if self._timer is not None:
            self._timer.close()
            self._timer = None


def bytes_a_second(baud: int) -> float:
    """Return the bytes a second that the line carries when its port is opened at `baud`."""
    return (BAUD if baud == SCALED_BAUD else baud) / BITS
