"""Checks of this machine: what music needs, and the command that adds it. No check raises."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from stream.doctor.finding import Finding
from stream.doctor.serial_lines import serial_line
from stream.doctor.systemd_unit import services
from stream.doctor.wireless import wireless_midi
from stream.errors import StreamError
from stream.midi.ports import clients, leads_somewhere
from stream.midi.quiet_stderr import quiet_stderr
from stream.midi.software_synth import find_soundfont
from stream.midi.survey import survey
from stream.midi_in.port_source import port_list
from stream.util.installation import (
    install_extra,
    install_library,
    install_package,
    install_rtmidi,
    reinstall,
    set_up_board,
)
from stream.voices.spec import read_spec, shipped_voices

SERIAL_DEVICES = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0")
"""Names that the models of Raspberry Pi give their UART."""
EXTRAS = {"panel": "aiohttp", "osc": "python-osc", "radio": "lameenc", "home": "aiomqtt"}
"""Extras that open the player to a network, and the library of each."""
OUTPUTS = ("pyserial", "pyfluidsynth")
"""Libraries of outputs: serial lines, and a synthesizer."""


def diagnose() -> tuple[Finding, ...]:
    """Return all findings, those that music needs first. This takes about a second."""
    return (
        _python(),
        *(_package(name) for name in ("numpy", "onnxruntime", "mido")),
        *_voices(),
        *_midi(),
        *map(_output, OUTPUTS),
        _library("fluidsynth", "libfluidsynth3"),
        _soundfont(),
        _library("portaudio", "libportaudio2"),
        _audio(),
        *_serial(),
        _priority(),
        *(_extra(name, library) for name, library in EXTRAS.items()),
        _inputs(),
        *wireless_midi(),
        *services(),
    )


def _python() -> Finding:
    return Finding("python", ok=True, detail=".".join(map(str, sys.version_info[:3])))


def _package(name: str) -> Finding:
    """Look a library up without importing it, which would take longer than all other checks."""
    if importlib.util.find_spec(name) is None:
        return Finding(name, ok=False, detail="not installed", remedy=install_library(name))
    try:
        return Finding(name, ok=True, detail=version(name))
    except PackageNotFoundError:
        return Finding(name, ok=True, detail="installed, version unknown")


def _extra(name: str, library: str) -> Finding:
    try:
        return Finding(name, ok=True, detail=f"{library} {version(library)}")
    except PackageNotFoundError:
        detail = f"{library} is not installed"
        return Finding(name, ok=False, detail=detail, remedy=install_extra(name))


def _output(library: str) -> Finding:
    try:
        return Finding(library, ok=True, detail=version(library))
    except PackageNotFoundError:
        remedy = install_library(library)
        return Finding(library, ok=False, detail="not installed", remedy=remedy)


def _voices() -> tuple[Finding, ...]:
    found = []
    for path in shipped_voices():
        try:
            spec = read_spec(path)
        except (StreamError, OSError) as error:
            remedy = reinstall()
            found.append(Finding(f"voice {path.stem}", ok=False, detail=str(error), remedy=remedy))
        else:
            styles = ", ".join(sorted(spec.styles))
            sound = f", sound of {spec.audio.rate} Hz" if spec.audio else ""
            detail = f"styles {styles}{sound}"
            found.append(Finding(f"voice {path.stem}", ok=True, detail=detail))
    if not found:
        detail = "no voices are installed"
        found.append(Finding("voices", ok=False, detail=detail, remedy=reinstall()))
    return tuple(found)


def _midi() -> tuple[Finding, Finding]:
    """Check the MIDI system, then its ports."""
    if importlib.util.find_spec("rtmidi") is None:
        missing = "python-rtmidi is not installed"
        system = Finding("midi", ok=False, detail=missing, remedy=install_rtmidi())
    elif not (systems := _midi_systems()):
        remedy = "sudo modprobe snd-seq, or start a JACK server"
        detail = "neither ALSA's sequencer nor JACK is running"
        system = Finding("midi", ok=False, detail=detail, remedy=remedy)
    else:
        system = Finding("midi", ok=True, detail=f"{systems} of ALSA's sequencer and JACK")
    ports = survey()
    if not ports.synthesizers:
        detail = ports.reason or "no port leads to an instrument"
        remedy = "connect a MIDI device, or use --out virtual:NAME"
        return system, Finding("midi ports", ok=False, detail=detail, remedy=remedy)
    return system, Finding("midi ports", ok=True, detail=", ".join(ports.synthesizers))


def _midi_systems() -> int:
    try:
        found = list(clients())
    except StreamError:
        return 0
    for client in found:
        client.delete()
    return len(found)


def _inputs() -> Finding:
    """Check for MIDI ports that `--input` can name."""
    try:
        names = [name for name in port_list() if leads_somewhere(name)]
    except StreamError as error:
        return Finding("midi inputs", ok=False, detail=str(error), remedy="see midi above")
    if not names:
        remedy = "connect a keyboard or a MIDI controller, or use --input virtual:NAME"
        return Finding("midi inputs", ok=False, detail="none found", remedy=remedy)
    return Finding("midi inputs", ok=True, detail=", ".join(names))


def _library(name: str, package: str) -> Finding:
    found = ctypes.util.find_library(name)
    if found is None:
        remedy = install_package(package)
        return Finding(f"lib{name}", ok=False, detail="not installed", remedy=remedy)
    return Finding(f"lib{name}", ok=True, detail=found)


def _soundfont() -> Finding:
    try:
        return Finding("soundfont", ok=True, detail=str(find_soundfont()))
    except StreamError:
        remedy = install_package("timgm6mb-soundfont")
        return Finding("soundfont", ok=False, detail="not installed", remedy=remedy)


def _audio() -> Finding:
    """Check for sound outputs that PortAudio can open."""
    remedy = "connect a sound card, or enable the board's: dtparam=audio=on in config.txt"
    with quiet_stderr():
        try:
            import sounddevice
        except ImportError as error:
            remedy = install_library("sounddevice")
            return Finding("audio", ok=False, detail=str(error), remedy=remedy)
        except OSError as error:
            remedy = install_package("libportaudio2")
            return Finding("audio", ok=False, detail=str(error), remedy=remedy)
        try:
            devices = sounddevice.query_devices()
        except sounddevice.PortAudioError as error:
            return Finding("audio", ok=False, detail=str(error), remedy=remedy)
    names = [device["name"] for device in devices if device["max_output_channels"] > 0]
    if not names:
        return Finding("audio", ok=False, detail="no output found", remedy=remedy)
    return Finding("audio", ok=True, detail=", ".join(names))


def _serial() -> tuple[Finding, ...]:
    present = [Path(device) for device in SERIAL_DEVICES if Path(device).exists()]
    if not present:
        remedy = f"on a Raspberry Pi: {set_up_board('auto --midi uart')}"
        return (Finding("serial", ok=False, detail="no UART found", remedy=remedy),)
    return tuple(map(serial_line, present))


def _priority() -> Finding:
    """Check for real-time priority, which keeps notes punctual on a busy machine."""
    allowed = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    if allowed or os.geteuid() == 0:
        return Finding("real-time priority", ok=True, detail="allowed")
    remedy = "echo '@audio - rtprio 70' | sudo tee /etc/security/limits.d/perpetuum.conf"
    detail = "not allowed (ulimit -r is 0); music also plays without it"
    return Finding("real-time priority", ok=False, detail=detail, remedy=remedy)
