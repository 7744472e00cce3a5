"""Play sound in real time, until a signal, the wished length, or the loss of all outputs."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.errors import SettingsError, SinkError
from stream.play.audio.stats import AudioStats
from stream.util.event_wait import Driver, RealTime, earliest
from stream.util.sd_notify import Supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from stream.music.audio_chunk import AudioChunk
    from stream.play.audio.chunk_position import ChunkPosition
    from stream.play.audio.client import AudioClient
    from stream.play.audio.log import AudioLog
    from stream.play.audio.outputs import AudioOutputs
    from stream.play.audio.pcm_queue import PcmQueue
    from stream.util.event_wait import File
    from stream.util.stop_signals import Stop

LOOKAHEAD_SECONDS = 6.0
"""Sound that is kept ready: what a composer may take that is started anew."""
PREFILL_SECONDS = 1.0
"""Sound that is ready before any is heard."""
STATS_SECONDS = 5.0
"""From one save of the counters to the next, where they are kept."""
FAREWELL_SECONDS = 0.3
"""Given to a card to play the fade at the end."""


class AudioPlayer:
    """One performance, step by step: what is due, and when something is again.

    A step is called when `deadline` has come, or one of `files` is readable; nothing here waits.
    """

    def __init__(
        self,
        link: AudioClient,
        programme: ChunkPosition,
        queue: PcmQueue,
        outputs: AudioOutputs,
        log: AudioLog,
    ) -> None:
        self.stats = AudioStats()
        self._link = link
        self._programme = programme
        self._queue = queue
        self._outputs = outputs
        self._log = log
        self._last: AudioChunk | None = None
        self._meter_at: float | None = None

    @property
    def begun(self) -> bool:
        """Whether enough is ready to be heard."""
        return self._queue.seconds >= PREFILL_SECONDS or self._programme.complete

    @property
    def finished(self) -> bool:
        """Whether all has been played that was wished for."""
        return self._programme.complete and (self._queue.finished or self._outputs.absent)

    @property
    def deadline(self) -> float | None:
        """When the next step is due, whatever the files say (s, monotonic); None: by them alone."""
        return earliest(self._outputs.deadline, self._link.deadline, self._meter_at)

    def files(self) -> list[File]:
        """Readable when a step is due."""
        return [*self._link.files(), *self._outputs.files()]

    def start(self, now: float) -> None:
        """Ask for sound, and let the outputs take what will be ready. Raises `SinkError`."""
        self._outputs.start(now)
        self._ask()

    def step(self, now: float) -> None:
        """Do what is due at `now` (s, monotonic).

        Raises `SinkError` when nothing can be played any more, `ComposerError` when there never was
        any sound.
        """
        self._outputs.tend(now)  # first: what was due before is not taken of what comes now
        self._hear(now)
        self._link.maintain()
        self._ask()
        self._tell()
        if self._last is not None and self._meter_at is not None and now >= self._meter_at:
            self._meter_at = self._log.meter(self._last, self.stats, now)

    def close(self) -> None:
        """Let the outputs go, tell what is left to be told, and end the log."""
        self._outputs.keep()
        self._outputs.close()
        self._tell()
        self._log.close()

    def save(self, path: Path | None) -> None:
        """Put the counters at `path`. Raises `SettingsError`."""
        if path is None:
            return
        try:
            self.stats.write(path)
        except OSError as error:
            raise SettingsError(
                f"--stats {path}: can not be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error

    def _hear(self, now: float) -> None:
        """Queue what the composer has made."""
        for passage in self._link.receive():
            self._programme, samples = self._programme.after(passage)
            self._queue.put(samples)
            self._last, self._meter_at = passage, now
            self._count(passage)
            if passage.opens:
                self._log.tune_began(passage, self.stats)
        if self._programme.complete:
            self._queue.end()

    def _ask(self) -> None:
        """Ask for the next passage, unless enough is ready."""
        if self._queue.low and not self._programme.complete and self._link.idle:
            self._link.request(self._programme.request)

    def _count(self, passage: AudioChunk) -> None:
        self.stats.count(passage, self._programme.made / self._programme.rate)
        self.stats.queue_seconds = self._queue.seconds
        if passage.died or passage.ran_away:
            why = "had died" if passage.died else "ran away"
            self._log.notice(f"the sound {why}; the next tune begins")

    def _tell(self) -> None:
        stats, link, outputs = self.stats, self._link, self._outputs
        if link.restarts > stats.restarts:
            self._log.notice(f"{link.fault}; it starts anew")
        if self._queue.underruns > stats.underruns:
            self._log.notice("the sound was not ready in time; there was silence")
        stats.restarts, stats.hangs = link.restarts, link.hangs
        stats.underruns, stats.underflows = self._queue.underruns, outputs.underflows
        stats.sinks_lost, stats.sinks_back = outputs.lost, outputs.back
        stats.queue_seconds = self._queue.seconds
        while outputs.notices:
            self._log.notice(outputs.notices.pop(0))


@dataclass(frozen=True, slots=True)
class AudioIO:
    """What a performance needs beside itself."""

    link: AudioClient
    queue: PcmQueue
    outputs: AudioOutputs
    stop: Stop
    stats: Path | None = None
    """Where to keep the counters."""
    driver: Driver = field(default_factory=RealTime)


def perform(concert: AudioPlayer, stage: AudioIO) -> None:
    """Play, then close everything, whatever happens.

    Raises `SinkError` when nothing can be played any more, `ComposerError` when there never was any
    sound, `SettingsError` when the counters can not be written.
    """
    supervisor = Supervisor()
    with contextlib.ExitStack() as leaving:  # last in, first out
        leaving.callback(stage.link.close)
        leaving.callback(supervisor.close)
        leaving.callback(concert.save, stage.stats)
        leaving.callback(concert.close)
        leaving.callback(_fade, stage)
        leaving.callback(supervisor.stopping)
        concert.save(stage.stats)
        _run(concert, stage, supervisor)


def _run(concert: AudioPlayer, stage: AudioIO, supervisor: Supervisor) -> None:
    """Until the end: wait for what comes next, and see to it."""
    driver, ready = stage.driver, False
    concert.start(now := driver.now())
    save_at = now + STATS_SECONDS if stage.stats else None
    while not (stage.stop.requested or concert.finished):
        due = earliest(concert.deadline, supervisor.deadline, save_at)
        driver.wait([stage.stop, *concert.files()], due)
        concert.step(now := driver.now())
        if concert.begun and not ready:
            supervisor.ready()
            ready = True
        supervisor.feed(now)
        if save_at is not None and now >= save_at:
            concert.save(stage.stats)
            save_at = now + STATS_SECONDS


def _fade(stage: AudioIO) -> None:
    """Let the sound end in a fade, not in a click."""
    queue, outputs, driver = stage.queue, stage.outputs, stage.driver
    queue.stop()
    until = driver.now() + FAREWELL_SECONDS
    with contextlib.suppress(SinkError):  # where the last one is lost nothing is heard any more
        while queue.playing and not outputs.absent and driver.now() < until:
            driver.wait(outputs.files(), earliest(outputs.deadline, until))
            outputs.tend(driver.now())
