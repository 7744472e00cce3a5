"""MIDI from a serial port, such as a UART."""

from __future__ import annotations

import os
import select
import termios
import time
from collections.abc import Sequence
from typing import Any

from stream.errors import InputError
from stream.midi.bytestream import ByteStream
from stream.midi.serial_line import BAUD, READ, claim
from stream.midi_in.inbox import Timed
from stream.midi_in.source import Source
from stream.util.event_wait import File

CHECK_SECONDS = 1.0
"""Seconds between two attempts to open a device that is not available."""
CHUNK = 4096


class SerialSource(Source):
    """A source of raw MIDI bytes at `baud` from `device`."""

    check_seconds = CHECK_SECONDS

    def __init__(self, device: str, baud: int = BAUD) -> None:
        self.name = f"serial:{device}" if baud == BAUD else f"serial:{device}@{baud}"
        self._device = device
        self._baud = baud
        self._port: Any = None
        self._bytes = ByteStream()

    def connect(self) -> None:
        import serial

        # SerialException is an OSError; termios raises its own error if a device is removed.
        try:
            self._port = serial.Serial(self._device, self._baud, timeout=0)
            claim(self._port.fileno(), READ)
        except (OSError, ValueError, termios.error) as error:
            self.close()
            raise InputError(
                f"--input {self.name}: the port cannot be opened ({error});"
                " name an existing device that you may read and that no other program uses,"
                " such as serial:/dev/ttyAMA0"
            ) from error
        self._bytes = ByteStream()

    def files(self) -> Sequence[File]:
        return (self._port,) if self._port else ()

    def read(self) -> list[Timed]:
        # Without this check, a port without data would look like one that has hung up.
        if not select.select([self._port], [], [], 0)[0]:
            return []
        try:
            data = os.read(self._port.fileno(), CHUNK)
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost("it hung up")
        now = time.monotonic()
        return [(now, message) for message in self._bytes.feed(data)]

    def close(self) -> None:
        if self._port:
            self._port.close()
            self._port = None

    def _lost(self, reason: object) -> InputError:
        return InputError(f"{self.name}: lost ({reason}); plug it in again")
