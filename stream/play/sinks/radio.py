"""The radio: a process that turns what is played into an HTTP stream for any number of listeners.

This is the player's end. It starts the process and passes it each message with its time, and never
waits. If the process ends, the others play on, and it is started again with growing pauses.
"""

from __future__ import annotations

import select
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from stream.errors import SettingsError, SinkError
from stream.midi.software_synth import find_soundfont
from stream.panel.address import url
from stream.play.control.process import ControllerProcess
from stream.play.sinks.base import Sink
from stream.radio.access_token import kept_token, new_token, token_folder
from stream.radio.links import stream_url
from stream.radio.messages import midi_line, title_line, token_line
from stream.util.installation import install_extra

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.timing.scheduler import TimedMessage
    from stream.util.address import Address
    from stream.util.event_wait import File

LIBRARIES = ("aiohttp", "lameenc")
NAMES_TUNE = ": "
"""Text within a marker that names a tune, such as `folk: jig in D major, 6/8`."""


class RadioSink(Sink):
    """Plays through FluidSynth into an HTTP stream at `address`."""

    may_return = True

    def __init__(self, address: Address, soundfont: Path | None = None) -> None:
        super().__init__(f"radio:{address}")
        self._address = address
        self._soundfont = soundfont
        self._process: ControllerProcess | None = None
        self._token = ""
        self._title = b""
        self._ready = False
        self._fault = ""

    @property
    def greeting(self) -> str:
        """The address of the stream with its token, a line for the owner alone."""
        token = "" if self._address.loopback else self._token
        return f"radio: {stream_url(url(self._address), token)}"

    def connect(self) -> None:
        if self._process is None:
            self._process = self._started()
            return
        if self._process.restart_if_due(time.monotonic()):
            self._begin(self._process)
        self._receive(self._process)
        if not self._ready:
            raise SinkError(self._fault or f"{self.name}: its process is starting")

    def watched(self) -> tuple[File, ...]:
        return tuple(self._process.files()) if self._process else ()

    def check(self) -> None:
        if self._process is None:
            return
        self._receive(self._process)
        if not self._process.running:
            reason = self._fault or f"{self.name}: lost (its process has ended); it is restarted"
            raise SinkError(reason)
        if self._ready and self._fault:
            self.notices.append(self._fault)
            self._fault = ""

    def lose(self) -> None:
        """Keep what knows when to start the process again."""

    def resume(self, time: float) -> None:
        super().resume(time)
        if self._process is not None and self._title:
            self._process.send(self._title)

    def _started(self) -> ControllerProcess:
        """Start the process for the first time. Raises `SinkError`."""
        for library in LIBRARIES:
            if find_spec(library) is None:
                raise SinkError(
                    f"--out {self.name}: {library} is not installed; run: {install_extra('radio')}"
                )
        soundfont = self._soundfont or find_soundfont()
        try:
            self._token = kept_token(token_folder())
        except OSError as error:
            self._token = new_token()
            self.notices.append(
                f"radio: its token is valid until the player ends, because it cannot be kept"
                f" ({error.strerror or error})"
            )
        settings = {"address": str(self._address), "soundfont": str(soundfont)}
        try:
            process = ControllerProcess("stream.radio", settings)
        except SettingsError as error:
            raise SinkError(str(error)) from error
        self._begin(process)
        return process

    def _begin(self, process: ControllerProcess) -> None:
        """Tell a new process what it must know."""
        self._ready = False
        process.send(token_line(self._token))

    def _receive(self, process: ControllerProcess) -> None:
        """Read what the process reports."""
        ready = select.select(process.files(), [], [], 0)[0]
        for command in process.read(ready):
            if isinstance(command.get("notice"), str):
                self._fault = command["notice"]
            if command.get("ready") is True:
                self._ready, self._fault = True, ""
        if not process.running:  # what it said before it ended holds no more
            self._ready = False

    def _write(self, timed: TimedMessage) -> None:
        if self._process is not None:
            self._process.send(midi_line(timed.time, timed.data))

    def _mark(self, timed: TimedMessage) -> None:
        if timed.message.type == "marker" and NAMES_TUNE in timed.message.text:
            self._title = title_line(timed.time, timed.message.text)
            if self._process is not None:
                self._process.send(self._title)

    def _release(self) -> None:
        if self._process is not None:
            self._process.close()
