"""Chooses an output if `--out` names none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SinkError
from stream.midi.quiet_stderr import quiet_stderr
from stream.midi.software_synth import find_soundfont
from stream.midi.survey import survey
from stream.play.sinks.fluidsynth import FluidSynthSink
from stream.play.sinks.midifile import MidiFileSink
from stream.play.sinks.null import NullSink
from stream.play.sinks.rtmidi import PortSink
from stream.util.installation import install_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stream.play.sinks.base import Sink


def auto_sinks() -> tuple[tuple[Sink, ...], str]:
    """Return the best output of this machine, and why it was chosen. Never raises.

    The order is: a MIDI port, FluidSynth, a recording in the current folder.
    """
    found, reasons = _first((_port, _fluidsynth, _recording))
    if found:
        return found, "; ".join(reasons)
    return (NullSink("null"),), "; ".join(["nothing is played or recorded", *reasons])


def instruments() -> tuple[tuple[Sink, ...], str]:
    """Return the best instrument of this machine beside the radio, and why; maybe none.

    Never raises.
    """
    found, reasons = _first((_port, _fluidsynth))
    return found, "; ".join(reasons) if found else "playing to the radio alone"


def _first(
    attempts: Sequence[Callable[[], tuple[Sink, str]]],
) -> tuple[tuple[Sink, ...], list[str]]:
    """Return the sink of the first attempt that succeeds, why, and why those before failed."""
    failures: list[str] = []
    for attempt in attempts:
        try:
            sink, reason = attempt()
        except SinkError as error:
            failures.append(str(error))
        else:
            return (sink,), [reason, *failures]
    return (), failures


def _port() -> tuple[Sink, str]:
    ports = survey()
    if not ports.synthesizers:
        raise SinkError(f"no MIDI port: {ports.reason or 'only through ports were found'}")
    name = ports.synthesizers[0]
    sink = PortSink(name)
    sink.connect()
    return sink, f"playing to the MIDI port {name}, the first one found"


def _fluidsynth() -> tuple[Sink, str]:
    if not _audio_outputs():
        raise SinkError("no sound: no audio output was found")
    soundfont = find_soundfont()
    sink = FluidSynthSink()
    sink.connect()
    return sink, f"playing through FluidSynth with {soundfont.name}"


def _audio_outputs() -> bool:
    """Return True if a sound card or sound server was found. Raises `SinkError` if unknown."""
    with quiet_stderr():
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: PortAudio's library is missing
            remedy = install_missing(error, "sounddevice", "libportaudio2")
            raise SinkError(f"no sound: {error}; run: {remedy}") from error
        try:
            devices = sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            raise SinkError(f"no sound: {error}") from error
    return any(device["max_output_channels"] > 0 for device in devices)


def _recording() -> tuple[Sink, str]:
    # The wall clock only names the file; it never times music.
    path = Path(f"perpetuum-{datetime.now().astimezone():%Y%m%d-%H%M%S}.mid")
    sink = MidiFileSink(path)
    sink.connect()
    return sink, f"recording to {sink.name.partition(':')[2]}"
