"""Find the MIDI outputs of this machine."""

from __future__ import annotations

from dataclasses import dataclass

from stream.errors import SinkError
from stream.midi.ports import clients, leads_somewhere, port_names


@dataclass(frozen=True, slots=True)
class Ports:
    """The MIDI outputs found."""

    names: tuple[str, ...]
    reason: str
    """Reason in one line if none were found, else empty."""

    @property
    def synthesizers(self) -> tuple[str, ...]:
        """Ports that lead to an instrument."""
        return tuple(name for name in self.names if leads_somewhere(name))


def survey() -> Ports:
    """Find the MIDI outputs. Never raises."""
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
