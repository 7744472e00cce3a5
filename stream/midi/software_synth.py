"""FluidSynth, the synthesizer in software: its library, its sounds, and MIDI messages for it."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from stream.errors import SinkError
from stream.midi.quiet_stderr import quiet_stderr
from stream.util import regular_file
from stream.util.installation import install_missing, install_package

FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts")
FAVORITES = ("default-GM.sf2", "default-GM.sf3", "TimGM6mb.sf2")
GAIN = 0.6
LOG_LEVELS = 5


def perform(synth: Any, message: Any) -> None:
    """Send a channel message to a `fluidsynth.Synth`."""
    if message.type == "note_on":
        synth.noteon(message.channel, message.note, message.velocity)
    elif message.type == "note_off":
        synth.noteoff(message.channel, message.note)
    elif message.type == "control_change":
        synth.cc(message.channel, message.control, message.value)
    elif message.type == "program_change":
        synth.program_change(message.channel, message.program)
    elif message.type == "pitchwheel":
        synth.pitch_bend(message.channel, message.pitch)


def load(soundfont: Path, gain: float = GAIN) -> Any:
    """Return a `fluidsynth.Synth` with `soundfont` loaded and no output. Raises `SinkError`."""
    try:
        regular_file.check(soundfont)
    except OSError as error:
        raise SinkError(f"{soundfont}: {error.strerror}; name a .sf2 or .sf3 file") from error
    try:
        import fluidsynth
    except ImportError as error:
        raise SinkError(
            f"FluidSynth cannot be loaded ({error});"
            f" run: {install_missing(error, 'pyfluidsynth', 'libfluidsynth3')}"
        ) from error
    _mute_log(fluidsynth.lib)
    with quiet_stderr():
        settings = {"synth.cpu-cores": 1, "audio.jack.autoconnect": 1, "audio.jack.id": "Perpetuum"}
        synth = fluidsynth.Synth(gain=gain, channels=16, **settings)
        loaded = synth.sfload(str(soundfont), 1)
    if loaded < 0:
        synth.delete()
        raise SinkError(f"{soundfont}: not a SoundFont; name a readable .sf2 or .sf3 file")
    return synth


def _mute_log(library: str) -> None:
    """Turn off the library's log, which would break the live view; errors are raised instead."""
    for level in range(LOG_LEVELS):
        ctypes.CDLL(library).fluid_set_log_function(level, None, None)


def find_soundfont() -> Path:
    """Return the SoundFont of Debian's packages. Raises `SinkError` if none is installed."""
    folders = [Path(folder) for folder in FOLDERS]
    favorites = [folder / name for name in FAVORITES for folder in folders]
    others = [path for folder in folders for path in sorted(folder.glob("*.sf[23]"))]
    for path in favorites + others:
        if path.is_file():
            return path
    raise SinkError(
        f"--out fluidsynth: no SoundFont in {', '.join(FOLDERS)};"
        f" run: {install_package('timgm6mb-soundfont')}, or give fluidsynth:FILE.sf2"
    )
