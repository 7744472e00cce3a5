"""FluidSynth: a synthesizer for machines with a sound card but no instrument."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.quiet_stderr import quiet_stderr
from stream.play.sinks.base import Sink
from stream.util import regular_file
from stream.util.installation import install_missing, install_package

if TYPE_CHECKING:
    from stream.play.timing.scheduler import TimedMessage

FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts")
FAVORITES = ("default-GM.sf2", "default-GM.sf3", "TimGM6mb.sf2")
DRIVERS = ("pulseaudio", "alsa", "jack")
"""Audio drivers; a desktop's sound server comes first, because it shares the card."""
GAIN = 0.6
LOG_LEVELS = 5
STILL_POLLS = 2
"""Polls in a row without new sound after which the output is lost; one may be a busy moment."""


class FluidSynthSink(Sink):
    """Plays at once through the machine's audio output.

    When a card is unplugged, FluidSynth's audio thread ends without an error. But the sequencer,
    which counts the samples that the synthesizer makes, then stands still.
    """

    may_return = True
    needs_polling = True

    def __init__(self, soundfont: Path | None = None) -> None:
        super().__init__(f"fluidsynth:{soundfont}" if soundfont else "fluidsynth")
        self._soundfont = soundfont
        self._synth: Any = None
        self._clock: Any = None
        self._last_tick = -1
        self._still_polls = 0

    @property
    def target(self) -> str:
        return f"fluidsynth:{self._soundfont.resolve()}" if self._soundfont else self.name

    def connect(self) -> None:
        if self._synth is None:
            self._synth = load(self._soundfont or find_soundfont())
            self._clock = sample_clock(self._synth)
        with quiet_stderr():
            started = any(self._start(driver) for driver in DRIVERS)
        if not started:
            raise SinkError(
                f"--out {self.name}: no audio output could be opened ({', '.join(DRIVERS)});"
                " connect a sound card, or start a sound server",
            )
        self._still_polls = 0

    def alive(self) -> bool:
        before, self._last_tick = self._last_tick, self._clock.get_tick()
        self._still_polls = self._still_polls + 1 if self._last_tick == before else 0
        return self._still_polls < STILL_POLLS

    def lose(self) -> None:
        """Release the audio output; keep the synthesizer with its loaded sounds."""
        import fluidsynth

        if self._synth is None or not self._synth.audio_driver:
            return
        with quiet_stderr():
            fluidsynth.delete_fluid_audio_driver(self._synth.audio_driver)
        self._synth.audio_driver = None

    def _start(self, driver: str) -> bool:
        import fluidsynth

        synth = self._synth
        synth.setting("audio.driver", driver)
        synth.audio_driver = fluidsynth.new_fluid_audio_driver(synth.settings, synth.synth)
        return bool(synth.audio_driver)

    def _write(self, timed: TimedMessage) -> None:
        perform(self._synth, timed.message)

    def _release(self) -> None:
        with quiet_stderr():
            if self._clock is not None:
                self._clock.delete()
            if self._synth is not None:
                self._synth.delete()
        self._clock = self._synth = None


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


def sample_clock(synth: Any) -> Any:
    """Return a `fluidsynth.Sequencer` whose ticks are milliseconds of sound made by `synth`."""
    import fluidsynth

    clock = fluidsynth.Sequencer(use_system_timer=False)
    clock.register_fluidsynth(synth)
    return clock


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
