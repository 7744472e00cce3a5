"""Play sound in real time until a signal, the requested length, or the loss of all outputs."""

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
"""Seconds of sound to keep ready: as long as the restart of a composer may take."""
PREFILL_SECONDS = 1.0
"""Seconds of sound that must be ready before playing starts."""
STATS_SECONDS = 5.0
"""Seconds between two updates of the file with the counters."""
FADE_SECONDS = 0.3
"""Seconds that a card gets to play the fade at the end."""


class AudioPlayer:
    """One performance, step by step.

    `step` is called at `deadline`, or when one of `files` is readable; nothing here waits.
    """

    def __init__(
        self,
        client: AudioClient,
        position: ChunkPosition,
        queue: PcmQueue,
        outputs: AudioOutputs,
        log: AudioLog,
    ) -> None:
        self.stats = AudioStats()
        self._client = client
        self._position = position
        self._queue = queue
        self._outputs = outputs
        self._log = log
        self._last: AudioChunk | None = None
        self._meter_at: float | None = None

    @property
    def begun(self) -> bool:
        """True if enough sound is ready to start playing."""
        return self._queue.seconds >= PREFILL_SECONDS or self._position.complete

    @property
    def finished(self) -> bool:
        """True once the requested length has been played."""
        return self._position.complete and (self._queue.finished or self._outputs.absent)

    @property
    def deadline(self) -> float | None:
        """Time of the next step even if no file is readable (s, monotonic), or None."""
        return earliest(self._outputs.deadline, self._client.deadline, self._meter_at)

    def files(self) -> list[File]:
        """Return the files on which a step is due when they are readable."""
        return [*self._client.files(), *self._outputs.files()]

    def start(self, now: float) -> None:
        """Start the outputs, and request the first sound. Raises `SinkError`."""
        self._outputs.start(now)
        self._request_due()

    def step(self, now: float) -> None:
        """Do what is due at `now` (s, monotonic).

        Raises `SinkError` when no output is left, `ComposerError` if the first sound fails.
        """
        # First: what was due before now must not take sound received now.
        self._outputs.maintain(now)
        self._receive(now)
        self._client.maintain()
        self._request_due()
        self._report()
        if self._last is not None and self._meter_at is not None and now >= self._meter_at:
            self._meter_at = self._log.meter(self._last, self.stats, now)

    def close(self) -> None:
        """Close the outputs, report what is left to report, and end the log."""
        self._outputs.save()
        self._outputs.close()
        self._report()
        self._log.close()

    def save(self, path: Path | None) -> None:
        """Write the counters to `path`. Raises `SettingsError`."""
        if path is None:
            return
        try:
            self.stats.write(path)
        except OSError as error:
            raise SettingsError(
                f"--stats {path}: cannot be written ({error.strerror});"
                " name a file in a folder that exists and that you may write to",
            ) from error

    def _receive(self, now: float) -> None:
        """Queue what the composer has composed."""
        for chunk in self._client.receive():
            self._position, samples = self._position.after(chunk)
            self._queue.put(samples)
            self._last, self._meter_at = chunk, now
            self._count(chunk)
            if chunk.opens:
                self._log.tune_began(chunk, self.stats)
        if self._position.complete:
            self._queue.end()

    def _request_due(self) -> None:
        """Request the next chunk, unless enough is ready."""
        if self._queue.low and not self._position.complete and self._client.idle:
            self._client.request(self._position.request)

    def _count(self, chunk: AudioChunk) -> None:
        self.stats.count(chunk, self._position.composed / self._position.rate)
        self.stats.queue_seconds = self._queue.seconds
        if chunk.died or chunk.ran_away:
            reason = "had died" if chunk.died else "ran away"
            self._log.notice(f"the sound {reason}; the next tune begins")

    def _report(self) -> None:
        stats, client, outputs = self.stats, self._client, self._outputs
        if client.restarts > stats.restarts:
            self._log.notice(f"{client.fault}; it is restarted")
        if self._queue.underruns > stats.underruns:
            self._log.notice("the sound was not ready in time; there was silence")
        stats.restarts, stats.hangs = client.restarts, client.hangs
        stats.underruns, stats.underflows = self._queue.underruns, outputs.underflows
        stats.sinks_lost, stats.sinks_back = outputs.lost, outputs.reconnected
        stats.queue_seconds = self._queue.seconds
        while outputs.notices:
            self._log.notice(outputs.notices.pop(0))


@dataclass(frozen=True, slots=True)
class AudioIO:
    """Everything that a performance works with."""

    client: AudioClient
    queue: PcmQueue
    outputs: AudioOutputs
    stop: Stop
    stats: Path | None = None
    """Path of the file with the counters."""
    driver: Driver = field(default_factory=RealTime)


def perform(player: AudioPlayer, audio_io: AudioIO) -> None:
    """Play, then close everything, whatever happens.

    Raises `SinkError` when no output is left, `ComposerError` if the first sound fails,
    `SettingsError` if the counters cannot be written.
    """
    supervisor = Supervisor()
    with contextlib.ExitStack() as stack:  # last in, first out
        stack.callback(audio_io.client.close)
        stack.callback(supervisor.close)
        stack.callback(player.save, audio_io.stats)
        stack.callback(player.close)
        stack.callback(_fade, audio_io)
        stack.callback(supervisor.stopping)
        player.save(audio_io.stats)
        _run(player, audio_io, supervisor)


def _run(player: AudioPlayer, audio_io: AudioIO, supervisor: Supervisor) -> None:
    """Wait for the next event and handle it, until the end."""
    driver, ready = audio_io.driver, False
    player.start(now := driver.now())
    save_at = now + STATS_SECONDS if audio_io.stats else None
    while not (audio_io.stop.requested or player.finished):
        due = earliest(player.deadline, supervisor.deadline, save_at)
        driver.wait([audio_io.stop, *player.files()], due)
        player.step(now := driver.now())
        if player.begun and not ready:
            supervisor.ready()
            ready = True
        supervisor.feed(now)
        if save_at is not None and now >= save_at:
            player.save(audio_io.stats)
            save_at = now + STATS_SECONDS


def _fade(audio_io: AudioIO) -> None:
    """End the sound in a fade, without a click."""
    queue, outputs, driver = audio_io.queue, audio_io.outputs, audio_io.driver
    queue.stop()
    until = driver.now() + FADE_SECONDS
    with contextlib.suppress(SinkError):  # without an output there is nothing to fade
        while queue.playing and not outputs.absent and driver.now() < until:
            driver.wait(outputs.files(), earliest(outputs.deadline, until))
            outputs.maintain(driver.now())
