"""Parses the names of MIDI inputs, as `--input` takes them."""

from __future__ import annotations

from stream.errors import SettingsError
from stream.midi.serial_line import BAUD
from stream.midi_in.source import Source


def source_of(spec: str) -> Source:
    """Return the input that `spec` names, not yet connected. Raises `SettingsError`."""
    kind, colon, rest = spec.partition(":")
    if colon and kind == "serial":
        return _serial(rest)
    from stream.midi_in.port_source import PortSource, VirtualSource

    if colon and kind == "virtual":
        if not rest:
            raise SettingsError(
                f"--input {spec}: has no name; write virtual:Perpetuum, for example"
            )
        return VirtualSource(rest)
    return PortSource(rest if colon and kind == "port" else spec)


def _serial(rest: str) -> Source:
    from stream.midi_in.serial_source import SerialSource

    device, at, baud = rest.partition("@")
    if not device or (at and not (baud.isdecimal() and int(baud))):
        raise SettingsError(
            f"--input serial:{rest}: not a device with a rate; write serial:/dev/ttyAMA0 for"
            f" {BAUD} baud, or serial:/dev/ttyAMA0@38400"
        )
    return SerialSource(device, int(baud) if at else BAUD)
