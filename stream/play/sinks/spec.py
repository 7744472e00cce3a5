"""Parses the outputs that `--out` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stream.config.output_parts import split_parts
from stream.errors import SettingsError
from stream.util.suggestion import did_you_mean

if TYPE_CHECKING:
    from stream.play.sinks.base import Sink

FORMS = (
    "port[:PART], virtual:NAME, serial:DEVICE[@BAUD], fluidsynth[:FILE.sf2], osc:HOST:PORT,"
    " radio[:HOST:PORT], file:PATH.mid, null"
)
FOR_PARTS = "; add =PART,PART for some parts only"


def open_sink(spec: str) -> Sink:
    """Open the output that `spec` names.

    Raises `SettingsError` if `spec` is invalid, `SinkError` if the output cannot be opened.
    """
    sink = sink_of(spec)
    sink.connect()
    return sink


def sink_of(spec: str) -> Sink:
    """Return the output that `spec` names, unconnected. Raises as `open_sink` does."""
    output, parts = split_parts(spec)
    sink = _sink(output)
    sink.parts = parts
    return sink


def _sink(spec: str) -> Sink:
    kind, _, argument = spec.partition(":")
    openers = {
        "port": _port,
        "virtual": _virtual,
        "serial": _serial,
        "fluidsynth": _fluidsynth,
        "osc": _osc,
        "radio": _radio,
        "file": _file,
        "null": _null,
    }
    if kind == "audio":
        raise SettingsError(
            f"--out {spec}: only for voices that make sound themselves; this voice plays notes:"
            " use fluidsynth, which turns them into sound"
        )
    if kind not in openers:
        raise SettingsError(
            f"--out {spec}: no such output; use one of {FORMS}{FOR_PARTS}"
            f"{did_you_mean(kind, openers)}"
        )
    return openers[kind](argument)


def check_spec(spec: str) -> None:
    """Raise `SettingsError` if `spec` is invalid. Nothing is opened or written."""
    kind, _, argument = split_parts(spec)[0].partition(":")
    if kind == "file":
        _recording(argument)
    else:
        sink_of(spec)


def _needed(kind: str, argument: str, example: str) -> str:
    if not argument:
        raise SettingsError(f"--out {kind}: {kind}: requires a name; write {kind}:{example}")
    return argument


def _port(argument: str) -> Sink:
    from stream.play.sinks.rtmidi import PortSink

    return PortSink(argument)


def _virtual(argument: str) -> Sink:
    from stream.play.sinks.rtmidi import VirtualSink

    return VirtualSink(_needed("virtual", argument, "NAME"))


def _serial(argument: str) -> Sink:
    from stream.midi.serial_line import BAUD
    from stream.play.sinks.serialport import SerialSink

    device, separator, baud = _needed("serial", argument, "/dev/ttyAMA0").partition("@")
    if separator and not (baud.isdecimal() and int(baud)):
        raise SettingsError(
            f"--out serial:{argument}: the rate '{baud}' is not a whole number above 0;"
            f" write serial:{device} for {BAUD} or serial:{device}@38400",
        )
    return SerialSink(device, int(baud) if separator else BAUD)


def _fluidsynth(argument: str) -> Sink:
    from stream.play.sinks.fluidsynth import FluidSynthSink

    return FluidSynthSink(Path(argument) if argument else None)


def _osc(argument: str) -> Sink:
    from stream.play.sinks.osc import OscSink
    from stream.util.address import address_of

    return OscSink(address_of(_needed("osc", argument, "127.0.0.1:9001"), "--out osc:"))


def _radio(argument: str) -> Sink:
    from stream.play.sinks.radio import RadioSink
    from stream.radio.links import radio_address

    return RadioSink(radio_address(argument, "--out radio:"))


def _file(argument: str) -> Sink:
    from stream.play.sinks.midifile import MidiFileSink

    return MidiFileSink(_recording(argument))


def _recording(argument: str) -> Path:
    path = Path(argument)
    if path.suffix.lower() not in {".mid", ".midi"}:
        raise SettingsError(
            f"--out file:{argument}: a recording is a MIDI file; write file:NAME.mid"
            " ('perpetuum render' writes .wav files)",
        )
    return path


def _null(argument: str) -> Sink:
    from stream.play.sinks.null import NullSink

    if argument:
        raise SettingsError(f"--out null:{argument}: null takes no argument; write null")
    return NullSink("null")
