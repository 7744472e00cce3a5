"""Which MIDI outputs there are."""

from __future__ import annotations

from dataclasses import dataclass

from stream.errors import SinkError
from stream.midi.ports import clients, leads_somewhere, port_names


@dataclass(frozen=True, slots=True)
class Ports:
    """What was found, and why there is not more."""

    names: tuple[str, ...]
    reason: str
    """Why there is none, in one line; empty if there are some."""

    @property
    def synthesizers(self) -> tuple[str, ...]:
        """The ports that lead to an instrument."""
        return tuple(name for name in self.names if leads_somewhere(name))


def survey() -> Ports:
    """Look for MIDI outputs. Never raises."""
    names: list[str] = []
    systems = 0
    try:
        for client in clients():
            systems += 1
            names += port_names(client)
            client.delete()
    except SinkError as error:
        return Ports((), str(error))
    if not systems:
        return Ports((), "neither ALSA's sequencer nor a JACK server runs here")
    return Ports(tuple(names), "" if names else "no MIDI device is connected")
