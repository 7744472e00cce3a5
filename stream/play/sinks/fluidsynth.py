"""FluidSynth: a synthesizer for machines with a sound card but no instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.errors import SinkError
from stream.midi.quiet_stderr import quiet_stderr
from stream.midi.software_synth import find_soundfont, load, perform
from stream.play.sinks.base import Sink

if TYPE_CHECKING:
    from pathlib import Path

    from stream.play.timing.scheduler import TimedMessage

DRIVERS = ("pulseaudio", "alsa", "jack")
"""Audio drivers; a desktop's sound server comes first, because it shares the card."""
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


def sample_clock(synth: Any) -> Any:
    """Return a `fluidsynth.Sequencer` whose ticks are milliseconds of sound made by `synth`."""
    import fluidsynth

    clock = fluidsynth.Sequencer(use_system_timer=False)
    clock.register_fluidsynth(synth)
    return clock
