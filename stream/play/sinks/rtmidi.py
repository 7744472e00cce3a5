"""Outputs that are MIDI ports of the system: ALSA's, or JACK's if there is no ALSA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.alsa_announcements import Announcements
from stream.midi.port_search import (
    FoundPort,
    check_plugged,
    check_server,
    find_port,
    first_client,
    open_port,
)
from stream.midi.ports import (
    ADDRESS,
    choice,
    library,
    linger,
    port_names,
    server_of,
    translated,
)
from stream.midi.quiet_stderr import quiet_stderr
from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from stream.midi.jack_server import ServerWatch
    from stream.play.timing.scheduler import TimedMessage
    from stream.util.event_wait import File


class RtMidiSink(Sink):
    """A client of a MIDI system. Raises `SinkError`."""

    may_return = True
    clocked = True

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._client: Any = None
        self._server: ServerWatch | None = None

    def watched(self) -> tuple[File, ...]:
        return (self._server,) if self._server else ()

    def check(self) -> None:
        check_server(self._server, self.name)

    def _write(self, timed: TimedMessage) -> None:
        # Sending to a server that has ended would wait forever.
        self.check()
        with translated(self.name):
            self._client.send_message(timed.data)

    def _use(self, client: Any) -> None:
        """Send through this client from now on."""
        self._client = client
        self._server = server_of(client)

    def _release(self) -> None:
        client, server = self._client, self._server
        self._client = self._server = None
        is_dead = server is not None and server.gone()
        if server is not None:
            server.close()
        # A client whose server has ended is not deleted: that would wait a second for an answer,
        # and block all of Python meanwhile.
        if client is not None and not is_dead:
            linger(client)
            with quiet_stderr():
                client.delete()


class VirtualSink(RtMidiSink):
    """A port of this program, to which other programs connect."""

    def __init__(self, label: str) -> None:
        super().__init__(f"virtual:{label}")
        self._label = label

    def connect(self) -> None:
        client = first_client("MidiOut", f"--out {self.name}")
        self._use(client)
        with translated(self.name), quiet_stderr():
            client.open_virtual_port(self._label)


class PortSink(RtMidiSink):
    """The port of an instrument: the first whose name contains `part`, or simply the first.

    Once found, the port is known by its whole name, without the numbers that change.
    """

    outlives_player = True

    def __init__(self, part: str = "") -> None:
        super().__init__(f"port:{part}" if part else "port")
        self.part = part
        self._found = ""
        """Name of the port as the system lists it."""
        self._announcements: Announcements | None = None

    def connect(self) -> None:
        advice = "name a part of an existing one ({}), or use virtual:NAME"
        self._open(find_port("MidiOut", f"--out {self.name}", self.part, self._found, advice))

    def fits(self, requested: Sink) -> bool:
        if super().fits(requested):
            return True
        requested_part = requested.part if isinstance(requested, PortSink) and self._found else None
        return requested_part is not None and choice([self._found], requested_part, "") is not None

    def watched(self) -> tuple[File, ...]:
        return (self._announcements,) if self._announcements else super().watched()

    def check(self) -> None:
        super().check()
        check_plugged(self._announcements, self._found, self.name)

    def alive(self) -> bool:
        try:
            return self._found in port_names(self._client)
        except SinkError:
            return False

    def _open(self, port: FoundPort) -> None:
        self._use(port.client)
        alsa = port.client.get_current_api() == library().API_LINUX_ALSA
        self.needs_polling = not alsa  # JACK reports only through a thread of its own
        self._found = port.name
        self.name = "port:" + ADDRESS.sub("", port.name)
        try:
            # Before the port is opened, so that a loss in between is not missed.
            self._announcements = Announcements() if alsa else None
            open_port(port, "out", self.name)
            linger(port.client)
        except SinkError:
            self._release()
            raise

    def _release(self) -> None:
        super()._release()
        if self._announcements:
            self._announcements.close()
            self._announcements = None
