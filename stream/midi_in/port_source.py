"""MIDI input ports of the system: ALSA's, or JACK's without ALSA."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator, Sequence
from typing import Any

from stream.errors import InputError, SinkError
from stream.midi.alsa_announcements import Announcements
from stream.midi.jack_server import ServerWatch
from stream.midi.port_search import (
    FoundPort,
    check_plugged,
    check_server,
    find_port,
    first_client,
    open_port,
    unplugged,
)
from stream.midi.ports import ADDRESS, API_NAMES, apis, clients, port_names, server_of, translated
from stream.midi.quiet_stderr import quiet_stderr
from stream.midi_in.inbox import Inbox, Timed
from stream.midi_in.source import Source
from stream.util.event_wait import File

CHECK_SECONDS = 1.0
"""Seconds between two checks of JACK's ports, which announces changes only to its own threads."""
QUIET_SECONDS = 0.2
"""Seconds in which a message that is being delivered reaches its client before that is closed."""


class _RtMidiSource(Source):
    """A client of a MIDI system, whose thread fills an inbox."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inbox = Inbox()
        self._client: Any = None
        self._server: ServerWatch | None = None

    def files(self) -> Sequence[File]:
        return (self._inbox, self._server) if self._server else (self._inbox,)

    def read(self) -> list[Timed]:
        with as_input(self.name):
            check_server(self._server, self.name)
        return self._inbox.drain()

    def close(self) -> None:
        if self._client is not None:
            close_receiver(self._client)
            self._client = None
        if self._server is not None:
            self._server.close()
            self._server = None

    def _use(self, client: Any) -> None:
        self._inbox.drain()  # drop what came before the input was lost
        self._server = server_of(client)
        # Receive clocks, but neither active sensing nor system-exclusive messages.
        client.ignore_types(sysex=True, timing=False, active_sense=True)
        inbox = self._inbox
        client.set_callback(lambda event, _: inbox.put(bytes(event[0])))
        self._client = client


class VirtualSource(_RtMidiSource):
    """A port of this program, to which others connect."""

    check_seconds = CHECK_SECONDS

    def __init__(self, label: str) -> None:
        super().__init__(f"virtual:{label}")
        self._label = label

    def connect(self) -> None:
        with as_input(self.name):
            client = first_client("MidiIn", f"--input {self.name}")
        self._use(client)
        with as_input(self.name), quiet_stderr():
            client.open_virtual_port(self._label)


class PortSource(_RtMidiSource):
    """The port of an instrument: the first whose name contains `part`, or simply the first.

    Once found, it is identified by its whole name without the numbers that change.
    """

    def __init__(self, part: str = "") -> None:
        super().__init__(part)
        self._part = part
        self._found = ""
        """Name of the port as the system lists it."""
        self._announcements: Announcements | None = None
        if API_NAMES[0] in apis():
            with contextlib.suppress(SinkError), quiet_stderr():
                self._announcements = Announcements()

    @property
    def check_seconds(self) -> float | None:  # type: ignore[override]
        """None if the port belongs to ALSA, which announces changes."""
        is_announced = self._announcements and (not self._found or ADDRESS.search(self._found))
        return None if is_announced else CHECK_SECONDS

    def connect(self) -> None:
        advice = "plug it in, or give a part of the name of an available one ({})"
        option = f"--input {self._part}"
        with as_input(self.name):
            self._open(find_port("MidiIn", option, self._part, self._found, advice))

    def files(self) -> Sequence[File]:
        announcements = (self._announcements,) if self._announcements else ()
        return (*super().files(), *announcements)

    def read(self) -> list[Timed]:
        with as_input(self.name):
            check_plugged(self._announcements, self._found, self.name)
        return super().read()

    def may_be_available(self) -> bool:
        # Only if a port has come: the client of each failed search is announced as well.
        return self._announcements is not None and self._announcements.came()

    def check(self) -> None:
        with as_input(self.name):
            is_present = self._found in port_names(self._client)
        if not is_present:
            raise InputError(str(unplugged(self.name)))

    def _open(self, port: FoundPort) -> None:
        self._use(port.client)
        self._found, self.name = port.name, ADDRESS.sub("", port.name)
        open_port(port, "in", self.name)


def close_receiver(client: Any) -> None:
    """Close a `rtmidi.MidiIn` whose callback may be called at any time.

    The library closes a client without releasing Python's global lock, and waits for the thread
    that delivers messages; that thread, in the middle of a message, waits for the lock: a deadlock.
    It also still reads the callback that was cancelled. So first stop new messages, then give the
    current one time while the lock is free, and hold references to what it reads until then.
    """
    references = gc.get_referents(client)
    with quiet_stderr():  # the library prints a line for each message without a callback
        client.cancel_callback()
        time.sleep(QUIET_SECONDS)
        client.delete()
    del references


def port_list() -> list[str]:
    """Return the names of all inputs. Raises `InputError`."""
    names: list[str] = []
    with as_input("MIDI"):
        for client in clients("MidiIn"):
            names += port_names(client)
            client.delete()
    return names


@contextlib.contextmanager
def as_input(name: str) -> Iterator[None]:
    """Turn errors of ports into `InputError`."""
    try:
        with translated(name):
            yield
    except SinkError as error:
        raise InputError(str(error)) from error
