"""What every MIDI input has in common, and which one an `--input` names."""

from __future__ import annotations

from collections.abc import Sequence

from stream.errors import SettingsError
from stream.midi_in.inbox import Timed
from stream.play.driver import File

FORMS = "a part of a port's name, virtual:NAME, serial:DEVICE[@BAUD]"


class Source:
    """An input that is opened, heard, lost and opened again. Raises nothing but `InputError`."""

    name = ""
    """As the listener calls it."""
    pulse: float | None = None
    """Seconds between two looks whether it is there; None where the system tells."""

    def connect(self) -> None:
        """Open it. Raises `InputError` where it is not there."""
        raise NotImplementedError

    def files(self) -> Sequence[File]:
        """Files that can be read when there is something to take, or news to check."""
        raise NotImplementedError

    def take(self) -> list[Timed]:
        """What has come; never waits. Raises `InputError` if it is lost."""
        raise NotImplementedError

    def news(self) -> bool:
        """Whether it may be there now, for all that the system tells; while it is lost."""
        return False

    def check(self) -> None:
        """The pulse: raises `InputError` if it is lost."""

    def close(self) -> None:
        """Let it go; it may be connected again."""


def source_of(spec: str) -> Source:
    """The input that `spec` names, to be connected. Raises `SettingsError` if it names none."""
    kind, colon, rest = spec.partition(":")
    if colon and kind == "serial":
        return _serial(rest)
    from stream.midi_in.port import PortSource, VirtualSource

    if colon and kind == "virtual":
        if not rest:
            raise SettingsError(f"--input {spec}: wants a name; write virtual:Perpetuum")
        return VirtualSource(rest)
    return PortSource(rest if colon and kind == "port" else spec)


def _serial(rest: str) -> Source:
    from stream.midi_in.line import LineSource
    from stream.play.sinks.serialport import BAUD

    device, at, baud = rest.partition("@")
    if not device or (at and not (baud.isdecimal() and int(baud))):
        raise SettingsError(
            f"--input serial:{rest}: is no device with a rate; write serial:/dev/ttyAMA0 for"
            f" {BAUD}, or serial:/dev/ttyAMA0@38400"
        )
    return LineSource(device, int(baud) if at else BAUD)
