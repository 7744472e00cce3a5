"""Finds and opens MIDI ports, the same way for outputs (`MidiOut`) and inputs (`MidiIn`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.ports import ADDRESS, choice, clients, port_names, translated
from stream.midi.quiet_stderr import quiet_stderr

if TYPE_CHECKING:
    from stream.midi.alsa_announcements import Announcements
    from stream.midi.jack_server import ServerWatch

DIRECTIONS = {"MidiOut": "output", "MidiIn": "input"}
NO_ADDRESS = (-1, -1)
"""ALSA client and port that belong to no device."""


@dataclass(frozen=True, slots=True)
class FoundPort:
    """A port, and a client of its MIDI system that may open it."""

    client: Any
    index: int
    name: str
    """Name of the port as the system lists it."""


def find_port(kind: str, option: str, part: str, found: str, advice: str) -> FoundPort:
    """Return the port that was `found` before, else the first whose name contains `part`.

    Raises `SinkError` with the option and an advice, in which `{}` stands for the existing ports.
    """
    known: list[str] = []
    for client in clients(kind):
        names = port_names(client)
        name = choice(names, part, found)
        if name is not None:
            return FoundPort(client, names.index(name), name)
        known += names
        client.delete()
    required = "contains this in its name" if part else "belongs to an instrument"
    existing = ", ".join(known) or "none exist"
    raise SinkError(f"{option}: no MIDI {DIRECTIONS[kind]} {required}; {advice.format(existing)}")


def open_port(port: FoundPort, label: str, name: str) -> None:
    """Open a port under a label. Raises `SinkError` if another port has its index by now."""
    with translated(name), quiet_stderr():
        port.client.open_port(port.index, name=label)
    with translated(name):
        names = port_names(port.client)
    if names[port.index : port.index + 1] != [port.name]:
        raise SinkError(f"{name}: lost (ports came or went meanwhile)")


def first_client(kind: str, option: str) -> Any:
    """Return a client of the first MIDI system that runs. Raises `SinkError` if none does."""
    client = next(clients(kind), None)
    if client is None:
        raise SinkError(
            f"{option}: neither ALSA's sequencer nor a JACK server runs here;"
            " run 'sudo modprobe snd-seq', or start jackd"
        )
    return client


def check_server(server: ServerWatch | None, name: str) -> None:
    """Raise `SinkError` if the JACK server of a client has ended."""
    if server is not None and server.gone():
        raise SinkError(f"{name}: lost (the JACK server has ended); start it again")


def check_plugged(announcements: Announcements | None, port_name: str, name: str) -> None:
    """Raise `SinkError` if ALSA has announced that the port was unplugged."""
    if announcements is None:
        return
    address = ADDRESS.search(port_name)
    numbers = (int(address[1]), int(address[2])) if address else NO_ADDRESS
    if announcements.gone(*numbers) and address:
        raise unplugged(name)


def unplugged(name: str) -> SinkError:
    """Return the error for a port that was unplugged."""
    return SinkError(f"{name}: lost (it was unplugged); plug it in again")
