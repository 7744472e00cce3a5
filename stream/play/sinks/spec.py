"""What `--out SINK` says, and the output that it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.util.suggestion import did_you_mean

if TYPE_CHECKING:
    from stream.play.sinks.base import Sink

FORMS = (
    "port[:PART], virtual:NAME, serial:DEVICE[@BAUD], fluidsynth[:FILE.sf2], osc:HOST:PORT,"
    " file:PATH.mid, null"
)


def open_sink(spec: str) -> Sink:
    """Open the output that `spec` names.

    Raises `SettingsError` if it names none, `SinkError` if the output can not be opened.
    """
    sink = sink_of(spec)
    sink.connect()
    return sink


def sink_of(spec: str) -> Sink:
    """The output that `spec` names, to be connected. Raises as `open_sink` does."""
    kind, _, rest = spec.partition(":")
    openers = {
        "port": _port,
        "virtual": _virtual,
        "serial": _serial,
        "fluidsynth": _fluidsynth,
        "osc": _osc,
        "file": _file,
        "null": _null,
    }
    if kind == "audio":
        raise SettingsError(
            f"--out {spec}: for voices that make sound themselves; this one plays notes:"
            " use fluidsynth, which makes sound of them"
        )
    if kind not in openers:
        raise SettingsError(
            f"--out {spec}: no such output; use one of {FORMS}{did_you_mean(kind, openers)}"
        )
    return openers[kind](rest)


def check_spec(spec: str) -> None:
    """Raise `SettingsError` for what names no output. Nothing is opened, or written."""
    kind, _, rest = spec.partition(":")
    if kind == "file":
        _recording(rest)
    else:
        sink_of(spec)


def _needed(kind: str, rest: str, example: str) -> str:
    if not rest:
        raise SettingsError(f"--out {kind}: {kind}: wants a name; write {kind}:{example}")
    return rest


def _port(rest: str) -> Sink:
    from stream.play.sinks.rtmidi import PortSink

    return PortSink(rest)


def _virtual(rest: str) -> Sink:
    from stream.play.sinks.rtmidi import VirtualSink

    return VirtualSink(_needed("virtual", rest, "NAME"))


def _serial(rest: str) -> Sink:
    from stream.midi.serial_line import BAUD
    from stream.play.sinks.serialport import SerialSink

    device, at, baud = _needed("serial", rest, "/dev/ttyAMA0").partition("@")
    if at and not (baud.isdecimal() and int(baud)):
        raise SettingsError(
            f"--out serial:{rest}: the rate '{baud}' is no whole number above 0;"
            f" write serial:{device} for {BAUD} or serial:{device}@38400",
        )
    return SerialSink(device, int(baud) if at else BAUD)


def _fluidsynth(rest: str) -> Sink:
    from stream.play.sinks.fluidsynth import FluidSynthSink

    return FluidSynthSink(Path(rest) if rest else None)


def _osc(rest: str) -> Sink:
    from stream.play.sinks.osc import OscSink
    from stream.util.address import address_of

    return OscSink(address_of(_needed("osc", rest, "127.0.0.1:9001"), "--out osc:"))


def _file(rest: str) -> Sink:
    from stream.play.sinks.midifile import MidiFileSink

    return MidiFileSink(_recording(rest))


def _recording(rest: str) -> Path:
    path = Path(rest)
    if path.suffix.lower() not in {".mid", ".midi"}:
        raise SettingsError(
            f"--out file:{rest}: a recording is a MIDI file; write file:NAME.mid"
            " ('perpetuum render' makes .wav files)",
        )
    return path


def _null(rest: str) -> Sink:
    from stream.play.sinks.null import NullSink

    if rest:
        raise SettingsError(f"--out null:{rest}: null takes nothing behind it; write null")
    return NullSink("null")
