"""MIDI input ports of the system: ALSA's, or JACK's where there is no ALSA."""

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
from stream.midi.quiet_stderr import hush
from stream.midi_in.inbox import Inbox, Timed
from stream.midi_in.source import Source
from stream.util.event_wait import File

LOOK_SECONDS = 1.0
"""Between two looks at JACK's ports: it tells nobody but threads of its own."""
QUIET_SECONDS = 0.2
"""Given to a message that has begun to come when its client is closed."""


class _RtMidiSource(Source):
    """A client of a MIDI system: its thread fills an inbox."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inbox = Inbox()
        self._client: Any = None
        self._server: ServerWatch | None = None

    def files(self) -> Sequence[File]:
        return (self._inbox, self._server) if self._server else (self._inbox,)

    def take(self) -> list[Timed]:
        with as_input(self.name):
            check_server(self._server, self.name)
        return self._inbox.take()

    def close(self) -> None:
        if self._client is not None:
            close_receiver(self._client)
            self._client = None
        if self._server is not None:
            self._server.close()
            self._server = None

    def _use(self, client: Any) -> None:
        self._inbox.take()  # what came before it was lost is of no use any more
        self._server = server_of(client)
        # Clocks are wanted; active sensing and system-exclusive messages are not.
        client.ignore_types(sysex=True, timing=False, active_sense=True)
        inbox = self._inbox
        client.set_callback(lambda event, _: inbox.put(bytes(event[0])))
        self._client = client


class VirtualSource(_RtMidiSource):
    """A port of our own, to which others connect."""

    pulse = LOOK_SECONDS

    def __init__(self, label: str) -> None:
        super().__init__(f"virtual:{label}")
        self._label = label

    def connect(self) -> None:
        with as_input(self.name):
            client = first_client("MidiIn", f"--input {self.name}")
        self._use(client)
        with as_input(self.name), hush():
            client.open_virtual_port(self._label)


class PortSource(_RtMidiSource):
    """The port of an instrument: the first whose name holds `part`, or simply the first.

    Once it was found it is known by its whole name, without the numbers that change.
    """

    def __init__(self, part: str = "") -> None:
        super().__init__(part)
        self._part = part
        self._found = ""
        """The port's name as the system lists it."""
        self._announcements: Announcements | None = None
        if API_NAMES[0] in apis():
            with contextlib.suppress(SinkError), hush():
                self._announcements = Announcements()

    @property
    def pulse(self) -> float | None:  # type: ignore[override]
        """ALSA tells, if that is where the port is."""
        is_told = self._announcements and (not self._found or ADDRESS.search(self._found))
        return None if is_told else LOOK_SECONDS

    def connect(self) -> None:
        advice = "plug it in, or name a part of an existing one ({})"
        option = f"--input {self._part}"
        with as_input(self.name):
            self._open(find_port("MidiIn", option, self._part, self._found, advice))

    def files(self) -> Sequence[File]:
        news = (self._announcements,) if self._announcements else ()
        return (*super().files(), *news)

    def take(self) -> list[Timed]:
        with as_input(self.name):
            check_plugged(self._announcements, self._found, self.name)
        return super().take()

    def news(self) -> bool:
        # Not at any announcement: that we have looked in vain is announced as well.
        return self._announcements is not None and self._announcements.came()

    def check(self) -> None:
        with as_input(self.name):
            there = self._found in port_names(self._client)
        if not there:
            raise InputError(str(unplugged(self.name)))

    def _open(self, port: FoundPort) -> None:
        self._use(port.client)
        self._found, self.name = port.name, ADDRESS.sub("", port.name)
        open_port(port, "in", self.name)


def close_receiver(client: Any) -> None:
    """Close a `rtmidi.MidiIn` whose callback may be called at any time.

    The library closes a client without letting go of Python's lock, and waits for the thread that
    brings the messages; that thread, in the middle of a message, waits for the lock, and for ever.
    It also still reads the callback that was cancelled. So no new message is let in first, the one
    that has begun is given time while the lock is free, and what it reads is kept until then.
    """
    kept = gc.get_referents(client)
    with hush():  # the library complains of each message that nobody takes
        client.cancel_callback()
        time.sleep(QUIET_SECONDS)
        client.delete()
    del kept


def port_list() -> list[str]:
    """The names of all inputs. Raises `InputError`."""
    names: list[str] = []
    with as_input("MIDI"):
        for client in clients("MidiIn"):
            names += port_names(client)
            client.delete()
    return names


@contextlib.contextmanager
def as_input(name: str) -> Iterator[None]:
    """Turn what is raised about ports into `InputError`."""
    try:
        with translated(name):
            yield
    except SinkError as error:
        raise InputError(str(error)) from error
